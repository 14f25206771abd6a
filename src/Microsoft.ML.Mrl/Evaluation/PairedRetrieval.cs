using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>
/// Evaluates retrieval in which the document of each row is relevant to the query of the row. Identical vectors are merged on both sides: a
/// repeated document is one document, and a repeated query is one query with several relevant documents.
/// </summary>
internal static class PairedRetrieval
{
    /// <param name="queries">The queries, <c>[N, D]</c>.</param>
    /// <param name="documents">The documents, <c>[N, D]</c>, and behind them any others to search among, which no query asks for.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit. The result is the same.</param>
    /// <param name="groups">
    /// Where given, the group of each document: the documents of a group are relevant to each of its queries.
    /// </param>
    /// <param name="reciprocalRanks">
    /// Filled, where given, with what each of the N rows adds to MRR@10: rows of one query share its weight of 1.
    /// </param>
    /// <param name="options">The metrics. The default is a new <see cref="RetrievalOptions"/>.</param>
    public static DimensionReport Evaluate(
        EmbeddingMatrix queries,
        EmbeddingMatrix documents,
        MatryoshkaDimensions dimensions,
        int threads = -1,
        int[]? groups = null,
        WeightedMeanMetric? reciprocalRanks = null,
        RetrievalOptions? options = null)
    {
        (DistinctRows distinctQueries, DistinctRows distinctDocuments, RelevantDocument[][] relevant) = Fold(queries, documents, groups);
        WeightedMeanMetric? ofQueries = reciprocalRanks is null
            ? null
            : new WeightedMeanMetric(dimensions.Count, distinctQueries.Rows.Count);
        DimensionReport report = RetrievalEvaluation.Evaluate(
            distinctQueries.Rows,
            distinctDocuments.Rows,
            relevant,
            dimensions,
            options,
            threads: threads,
            reciprocalRanks: ofQueries);
        if (ofQueries is not null)
        {
            Unfold(ofQueries, distinctQueries.NumberOf, reciprocalRanks!);
        }
        return report;
    }

    /// <summary>Returns the distinct queries and documents of pairs, and the documents that are relevant to each query.</summary>
    public static (
        DistinctRows Queries,
        DistinctRows Documents,
        RelevantDocument[][] Relevant) Fold(EmbeddingMatrix queries, EmbeddingMatrix documents, int[]? groups = null)
    {
        DistinctRows distinctQueries = DistinctRows.Of(queries);
        DistinctRows distinctDocuments = DistinctRows.Of(documents);
        var relevant = new HashSet<int>[distinctQueries.Rows.Count];
        for (int i = 0; i < queries.Count; i++)
        {
            (relevant[distinctQueries.NumberOf[i]] ??= []).Add(distinctDocuments.NumberOf[i]);
        }
        if (groups is not null)
        {
            ILookup<int, int> documentsOf = Enumerable.Range(0, groups.Length).ToLookup(i => groups[i], i => distinctDocuments.NumberOf[i]);
            for (int i = 0; i < queries.Count; i++)
            {
                relevant[distinctQueries.NumberOf[i]].UnionWith(documentsOf[groups[i]]);
            }
        }
        return (
            distinctQueries,
            distinctDocuments,
            [.. relevant.Select(list => list.Select(document => new RelevantDocument(document, 1)).ToArray())]);
    }

    private static void Unfold(WeightedMeanMetric ofQueries, int[] queryOf, WeightedMeanMetric ofRows)
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
}
