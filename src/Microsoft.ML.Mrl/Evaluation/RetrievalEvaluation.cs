using System.Globalization;
using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Measures how well queries find their documents by cosine, at every dimension, in one pass over the documents.</summary>
internal static class RetrievalEvaluation
{
    public const string Task = ReportTasks.Retrieval;
    public const string Ndcg = "nDCG@10";
    public const string ReciprocalRank = "MRR@10";

    private const int QueriesAtOnce = 64;

    /// <summary>
    /// Ranks all documents for every query, by falling cosine, equal ones by rising row, and compares with what is relevant.
    /// </summary>
    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="documents">The documents, <c>[N, D]</c>.</param>
    /// <param name="relevance">
    /// For each query its documents, none named twice. A query without a grade above 0 is skipped and counted.
    /// </param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="options">The metrics. The default is a new <see cref="RetrievalOptions"/>.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit. The result is the same.</param>
    /// <param name="reciprocalRanks">
    /// Filled, where given, with what each of the Q queries adds to MRR@10; a skipped one has weight 0.
    /// </param>
    /// <param name="unranked">For each query a document that is left out of its ranking, or -1, or null for none at all.</param>
    /// <returns>A report whose values are NaN if every query was skipped.</returns>
    public static DimensionReport Evaluate(
        EmbeddingMatrix queries,
        EmbeddingMatrix documents,
        IReadOnlyList<RelevantDocument[]> relevance,
        MatryoshkaDimensions dimensions,
        RetrievalOptions? options = null,
        int threads = -1,
        WeightedMeanMetric? reciprocalRanks = null,
        int[]? unranked = null)
    {
        RetrievalMetric[] judged = RetrievalMetric.Of(options ?? new RetrievalOptions(), documents.Count);
        string[] metrics = [.. judged.Select(metric => metric.Name)];
        string primary = RetrievalMetric.PrimaryOf(judged).Name;
        int most = Math.Min(documents.Count, judged.Max(metric => metric.Cutoff));
        RelevantDocument[][] relevant = [.. relevance.Select(list => list.Where(r => r.Grade > 0).ToArray())];
        int[] used = [.. Enumerable.Range(0, queries.Count).Where(q => relevant[q].Length > 0)];
        var rows = new KeptRows(metrics, Array.IndexOf(metrics, primary), dimensions.Count, queries.Count);
        var totals = dimensions.Select(_ => new double[metrics.Length]).ToArray();

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        // What a query keeps: its best documents or, where every rank is of interest, a count for each relevant one.
        int kept = most < documents.Count ? most : relevant.Select(list => list.Length).Append(1).Max();
        int chunk = QueryChunks.Size(dimensions.Count, kept);
        for (int first = 0; first < queries.Count; first += chunk)
        {
            EmbeddingMatrix part = queries.Slice(first, Math.Min(chunk, queries.Count - first));
            var found = new RelevantRanks(
                part, documents, relevant[first..(first + part.Count)], dimensions, most, parallel, unranked?[first..(first + part.Count)]);
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
                        Judge(found, q, relevant[start + q], judged, values.AsSpan(q * size, size));
                    }
                }
            });
            // Added in the order of the queries, so that the sums do not depend on the number of threads.
            for (int i = 0; i < values.Length; i++)
            {
                totals[i / metrics.Length % dimensions.Count][i % metrics.Length] += values[i];
            }
            Keep(values, first, part.Count, dimensions.Count, metrics.Length, rows);
            if (reciprocalRanks is not null)
            {
                HandOut(values, Array.IndexOf(metrics, ReciprocalRank), metrics.Length, relevant, first, part.Count, reciprocalRanks);
            }
        }

        foreach (double[] total in totals)
        {
            for (int i = 0; i < total.Length; i++)
            {
                total[i] /= used.Length;
            }
        }
        int skipped = queries.Count - used.Length;
        return new DimensionReport(
            Task,
            metrics,
            primary,
            dimensions,
            totals,
            documents.Width,
            used.Length,
            skipped,
            skipped == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{skipped} without a relevant document"),
            rows.ToMetrics(skipped == 0 ? null : used));
    }

    private static void Keep(double[] values, int first, int queries, int dimensions, int metrics, KeptRows rows)
    {
        for (int i = 0; i < dimensions * metrics; i++)
        {
            Span<float> target = rows.At(i % metrics, i / metrics);
            for (int q = 0; q < queries && !target.IsEmpty; q++)
            {
                target[first + q] = (float)values[(q * dimensions * metrics) + i];
            }
        }
    }

    private static void HandOut(
        double[] values, int metric, int metrics, RelevantDocument[][] relevant, int first, int queries, WeightedMeanMetric reciprocalRanks)
    {
        for (int q = 0; q < queries; q++)
        {
            reciprocalRanks.Weights[first + q] = relevant[first + q].Length > 0 ? 1 : 0;
            for (int i = 0; i < reciprocalRanks.Dimensions; i++)
            {
                reciprocalRanks.At(i)[first + q] = values[(((q * reciprocalRanks.Dimensions) + i) * metrics) + metric];
            }
        }
    }

    private static void Judge(RelevantRanks found, int query, RelevantDocument[] relevant, RetrievalMetric[] metrics, Span<double> values)
    {
        var ranks = new int[relevant.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (i % metrics.Length == 0)
            {
                found.Read(i / metrics.Length, query, ranks);
            }
            values[i] = metrics[i % metrics.Length].Judge(ranks, relevant);
        }
    }
}
