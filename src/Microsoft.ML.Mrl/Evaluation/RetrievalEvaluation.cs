using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>How well queries find their documents by cosine, at every dimension, from one pass over the documents.</summary>
internal static class RetrievalEvaluation
{
    public const string Task = "retrieval";
    public const string Ndcg = "nDCG@10";
    public const string ReciprocalRank = "MRR@10";

    private const int Cutoff = 10;
    private const int QueriesAtOnce = 64;
    private static readonly int[] s_recallAt = [1, 10, 100];

    /// <summary>The name of the recall among the first k: <c>Recall@10</c>.</summary>
    public static string Recall(int k) => string.Create(CultureInfo.InvariantCulture, $"Recall@{k}");

    /// <summary>Ranks all documents for every query, by falling cosine, equal ones by rising row, and compares with what is relevant.</summary>
    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="documents">The documents, <c>[N, D]</c>.</param>
    /// <param name="relevance">For each query its documents, none named twice. A query without a grade above 0 is skipped and counted.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="recallAt">The k of Recall@k; those above N are left out. Default 1, 10, 100.</param>
    /// <param name="threads">The most threads to use; -1 for no limit. The result is the same.</param>
    /// <param name="reciprocalRanks">Filled, where given, with what each of the Q queries adds to MRR@10; a skipped one has weight 0.</param>
    /// <returns>A report whose values are NaN if every query was skipped.</returns>
    public static DimensionReport Evaluate(
        EmbeddingMatrix queries,
        EmbeddingMatrix documents,
        IReadOnlyList<RelevantDocument[]> relevance,
        MatryoshkaDimensions dimensions,
        IReadOnlyList<int>? recallAt = null,
        int threads = -1,
        RowValues? reciprocalRanks = null)
    {
        int[] ks = [.. (recallAt ?? s_recallAt).Where(k => k <= documents.Count)];
        string[] metrics = [.. ks.Select(Recall), Ndcg, ReciprocalRank];
        int kept = Math.Max(1, Math.Min(documents.Count, Math.Max(Cutoff, ks.DefaultIfEmpty().Max())));
        RelevantDocument[][] relevant = [.. relevance.Select(list => list.Where(r => r.Grade > 0).ToArray())];
        int used = relevant.Count(list => list.Length > 0);
        var totals = dimensions.Select(_ => new double[metrics.Length]).ToArray();

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        int chunk = QueryChunks.Size(dimensions.Count, kept);
        for (int first = 0; first < queries.Count; first += chunk)
        {
            EmbeddingMatrix part = queries.Slice(first, Math.Min(chunk, queries.Count - first));
            var found = new RelevantRanks(part, documents, relevant[first..(first + part.Count)], dimensions, kept, parallel);
            PrefixDotProducts.Scan(part, documents, dimensions, found, threads);

            var values = new double[part.Count * dimensions.Count * metrics.Length];
            int start = first;
            Parallel.For(0, (part.Count + QueriesAtOnce - 1) / QueriesAtOnce, parallel, group =>
            {
                int last = Math.Min((group + 1) * QueriesAtOnce, part.Count);
                for (int q = group * QueriesAtOnce; q < last; q++)
                {
                    if (relevant[start + q].Length > 0)
                    {
                        int size = dimensions.Count * metrics.Length;
                        Judge(found, q, relevant[start + q], ks, values.AsSpan(q * size, size));
                    }
                }
            });
            // Added in the order of the queries, so that the sums do not depend on the number of threads.
            for (int i = 0; i < values.Length; i++)
            {
                totals[i / metrics.Length % dimensions.Count][i % metrics.Length] += values[i];
            }
            if (reciprocalRanks is not null)
            {
                HandOut(values, metrics.Length, relevant, first, part.Count, reciprocalRanks);
            }
        }

        foreach (double[] total in totals)
        {
            for (int i = 0; i < total.Length; i++)
            {
                total[i] /= used;
            }
        }
        int skipped = queries.Count - used;
        return new DimensionReport(
            Task,
            metrics,
            Ndcg,
            dimensions,
            totals,
            documents.Width,
            used,
            skipped,
            skipped == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{skipped} without a relevant document"));
    }

    private static void HandOut(double[] values, int metrics, RelevantDocument[][] relevant, int first, int queries, RowValues reciprocalRanks)
    {
        for (int q = 0; q < queries; q++)
        {
            reciprocalRanks.Weights[first + q] = relevant[first + q].Length > 0 ? 1 : 0;
            for (int i = 0; i < reciprocalRanks.Dimensions; i++)
            {
                // The last metric, as Judge writes them.
                reciprocalRanks.At(i)[first + q] = values[(((q * reciprocalRanks.Dimensions) + i + 1) * metrics) - 1];
            }
        }
    }

    private static void Judge(RelevantRanks found, int query, RelevantDocument[] relevant, int[] ks, Span<double> values)
    {
        var ranks = new int[relevant.Length];
        int metrics = ks.Length + 2;
        for (int i = 0; i < values.Length / metrics; i++)
        {
            found.Read(i, query, ranks);
            Span<double> target = values.Slice(i * metrics, metrics);
            for (int k = 0; k < ks.Length; k++)
            {
                target[k] = RankedMetrics.RecallAt(ranks, ks[k]);
            }
            target[^2] = RankedMetrics.NdcgAt(ranks, relevant, Cutoff);
            target[^1] = RankedMetrics.ReciprocalRankAt(ranks, Cutoff);
        }
    }
}
