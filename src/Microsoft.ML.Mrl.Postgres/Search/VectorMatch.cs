namespace Microsoft.ML.Mrl;

/// <summary>A row that a search found.</summary>
/// <typeparam name="TId">The type of ids, <see cref="long"/> or <see cref="string"/>.</typeparam>
/// <param name="Id">Its id.</param>
/// <param name="Score">The cosine of its full vector and the query, −1..1, computed by pgvector in single precision.</param>
/// <param name="Texts">Its texts, in the order of <see cref="PostgresVectorTableOptions.TextColumnNames"/>.</param>
public sealed record VectorMatch<TId>(TId Id, double Score, IReadOnlyList<string> Texts)
    where TId : notnull;
