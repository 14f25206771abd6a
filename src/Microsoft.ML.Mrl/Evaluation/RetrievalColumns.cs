namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides the names of the columns that <see cref="MrlOperations.EvaluateRetrieval(IDataView, IDataView, IDataView, RetrievalColumns,
/// MatryoshkaDimensions, RetrievalOptions, IDataView)"/> reads from its three views. Ids are texts, integers or keys. They are compared as
/// text, so the integer 7 equals the text "7".
/// </summary>
public sealed class RetrievalColumns
{
    /// <summary>Gets the name of the id column of the queries. No two ids may be equal. The default is <c>QueryId</c>.</summary>
    public string QueryId { get; init; } = "QueryId";

    /// <summary>Gets the name of the vector column of the queries, <c>[Q, D]</c>. The default is <c>Embedding</c>.</summary>
    public string QueryEmbedding { get; init; } = "Embedding";

    /// <summary>Gets the name of the id column of the documents. No two ids may be equal. The default is <c>DocumentId</c>.</summary>
    public string DocumentId { get; init; } = "DocumentId";

    /// <summary>Gets the name of the vector column of the documents, <c>[N, D]</c>. The default is <c>Embedding</c>.</summary>
    public string DocumentEmbedding { get; init; } = "Embedding";

    /// <summary>Gets the name of the query id column of the relevance judgements. The default is <c>QueryId</c>.</summary>
    public string RelevanceQueryId { get; init; } = "QueryId";

    /// <summary>Gets the name of the document id column of the relevance judgements. The default is <c>DocumentId</c>.</summary>
    public string RelevanceDocumentId { get; init; } = "DocumentId";

    /// <summary>
    /// Gets the name of the grade column of the relevance judgements, a number. A document is relevant if its grade is above 0; NaN means
    /// not judged. The default, <see langword="null"/>, gives every judgement the grade 1.
    /// </summary>
    public string? RelevanceScore { get; init; }
}
