namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A document that a query should find.</summary>
internal sealed class Relevance
{
    public string QueryId { get; set; } = "";

    public string DocumentId { get; set; } = "";

    /// <summary>The columns of a retrieval among rows of <see cref="Example"/>.</summary>
    /// <param name="embedding">The column of the vectors.</param>
    public static RetrievalColumns Columns(string embedding) => new()
    {
        QueryId = nameof(Example.Id), DocumentId = nameof(Example.Id), QueryEmbedding = embedding, DocumentEmbedding = embedding,
    };
}
