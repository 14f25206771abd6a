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
    public static DimensionReport Evaluate(EmbeddingMatrix queries, EmbeddingMatrix documents, MatryoshkaDimensions dimensions, int threads = -1)
    {
        DistinctRows distinctQueries = DistinctRows.Of(queries);
        DistinctRows distinctDocuments = DistinctRows.Of(documents);
        var relevant = new HashSet<int>[distinctQueries.Rows.Count];
        for (int i = 0; i < queries.Count; i++)
        {
            (relevant[distinctQueries.NumberOf[i]] ??= []).Add(distinctDocuments.NumberOf[i]);
        }
        return RetrievalEvaluation.Evaluate(
            distinctQueries.Rows,
            distinctDocuments.Rows,
            [.. relevant.Select(list => list.Select(document => new RelevantDocument(document, 1)).ToArray())],
            dimensions,
            threads: threads);
    }
}
