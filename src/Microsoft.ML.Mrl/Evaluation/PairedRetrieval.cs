using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Retrieval in which each row's document is the one relevant to its query. Identical vectors are folded into one on both sides: a
/// repeated document is one document, and a repeated query is one query with several relevant documents.
/// </summary>
internal static class PairedRetrieval
{
    /// <param name="queries">The queries, <c>[N, D]</c>.</param>
    /// <param name="documents">The documents, <c>[N, D]</c>.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="threads">The most threads to use; -1 for no limit. The result is the same.</param>
    /// <param name="reciprocalRanks">Filled, where given, with what each of the N rows adds to MRR@10: rows of one query share its weight of 1.</param>
    public static DimensionReport Evaluate(
        EmbeddingMatrix queries, EmbeddingMatrix documents, MatryoshkaDimensions dimensions, int threads = -1, RowValues? reciprocalRanks = null)
    {
        (EmbeddingMatrix distinctQueries, int[] queryOf) = Fold(queries);
        (EmbeddingMatrix distinctDocuments, int[] documentOf) = Fold(documents);
        var relevant = new HashSet<int>[distinctQueries.Count];
        for (int i = 0; i < queries.Count; i++)
        {
            (relevant[queryOf[i]] ??= []).Add(documentOf[i]);
        }
        RowValues? ofQueries = reciprocalRanks is null ? null : new RowValues(dimensions.Count, distinctQueries.Count);
        DimensionReport report = RetrievalEvaluation.Evaluate(
            distinctQueries,
            distinctDocuments,
            [.. relevant.Select(list => list.Select(document => new RelevantDocument(document, 1)).ToArray())],
            dimensions,
            threads: threads,
            reciprocalRanks: ofQueries);
        if (ofQueries is not null)
        {
            Unfold(ofQueries, queryOf, reciprocalRanks!);
        }
        return report;
    }

    private static void Unfold(RowValues ofQueries, int[] queryOf, RowValues ofRows)
    {
        var rows = new int[ofQueries.Rows];
        foreach (int query in queryOf)
        {
            rows[query]++;
        }
        for (int i = 0; i < queryOf.Length; i++)
        {
            ofRows.Weights[i] = ofQueries.Weights[queryOf[i]] / rows[queryOf[i]];
            for (int m = 0; m < ofRows.Dimensions; m++)
            {
                ofRows.At(m)[i] = ofQueries.At(m)[queryOf[i]];
            }
        }
    }

    private static (EmbeddingMatrix Distinct, int[] RowOf) Fold(EmbeddingMatrix rows)
    {
        var firsts = new List<int>();
        var rowOf = new int[rows.Count];
        var byHash = new Dictionary<int, List<int>>();
        for (int i = 0; i < rows.Count; i++)
        {
            ReadOnlySpan<float> row = rows.Row(i);
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(row));
            int code = hash.ToHashCode();
            if (!byHash.TryGetValue(code, out List<int>? candidates))
            {
                byHash.Add(code, candidates = []);
            }
            int found = candidates.FindIndex(position => rows.Row(firsts[position]).SequenceEqual(rows.Row(i)));
            if (found < 0)
            {
                found = candidates.Count;
                candidates.Add(firsts.Count);
                firsts.Add(i);
            }
            rowOf[i] = candidates[found];
        }
        if (firsts.Count == rows.Count)
        {
            return (rows, rowOf);
        }
        var values = new float[firsts.Count * rows.Width];
        for (int i = 0; i < firsts.Count; i++)
        {
            rows.Row(firsts[i]).CopyTo(values.AsSpan(i * rows.Width));
        }
        return (new EmbeddingMatrix(values, firsts.Count, rows.Width), rowOf);
    }
}
