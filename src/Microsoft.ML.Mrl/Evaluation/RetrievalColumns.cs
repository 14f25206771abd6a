namespace Microsoft.ML.Mrl;

/// <summary>
/// The names of the columns that <see cref="MrlOperations.EvaluateRetrieval(IDataView, IDataView, IDataView, RetrievalColumns, MatryoshkaDimensions, RetrievalOptions)"/>
/// reads from its three views. Ids are texts, integers or keys and meet by their text, so that the integer 7 is the text "7".
/// </summary>
public sealed record RetrievalColumns
{
    /// <summary>In the queries: the id, no two equal. Default <c>QueryId</c>.</summary>
    public string QueryId { get; init; } = "QueryId";

    /// <summary>In the queries: the vectors, <c>[Q, D]</c>. Default <c>Embedding</c>.</summary>
    public string QueryEmbedding { get; init; } = "Embedding";

    /// <summary>In the documents: the id, no two equal. Default <c>DocumentId</c>.</summary>
    public string DocumentId { get; init; } = "DocumentId";

    /// <summary>In the documents: the vectors, <c>[N, D]</c>. Default <c>Embedding</c>.</summary>
    public string DocumentEmbedding { get; init; } = "Embedding";

    /// <summary>In the relevance judgements: the query's id. Default <c>QueryId</c>.</summary>
    public string RelevanceQueryId { get; init; } = "QueryId";

    /// <summary>In the relevance judgements: the document's id. Default <c>DocumentId</c>.</summary>
    public string RelevanceDocumentId { get; init; } = "DocumentId";

    /// <summary>
    /// In the relevance judgements: the grade, a number; not relevant unless above 0, and NaN for not judged.
    /// Default <see langword="null"/>: every judgement has grade 1.
    /// </summary>
    public string? RelevanceScore { get; init; }
}
