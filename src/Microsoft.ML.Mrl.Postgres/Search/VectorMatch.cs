namespace Microsoft.ML.Mrl;

/// <summary>A row that a search found.</summary>
/// <typeparam name="TId">The type of ids, <see cref="long"/> or <see cref="string"/>.</typeparam>
/// <param name="Id">Its id.</param>
/// <param name="Score">The cosine of its full vector and the query, −1..1, computed by pgvector in single precision.</param>
/// <param name="Values">Its values by the names of <see cref="PostgresVectorTableOptions.Columns"/>, of the types that <see cref="TableColumnType"/> names.</param>
public sealed record VectorMatch<TId>(TId Id, double Score, IReadOnlyDictionary<string, object?> Values)
    where TId : notnull
{
    /// <summary>The value of a column.</summary>
    /// <typeparam name="T">The type that <see cref="TableColumnType"/> names; nullable for a table made elsewhere whose column may be NULL.</typeparam>
    /// <param name="columnName">The column, one of <see cref="PostgresVectorTableOptions.Columns"/>.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidCastException">The value is of another type.</exception>
    public T Get<T>(string columnName)
    {
        if (!Values.TryGetValue(columnName, out object? value))
        {
            throw new ArgumentException($"The hit has no column '{columnName}', but '{string.Join("', '", Values.Keys)}'. Name it in {nameof(PostgresVectorTableOptions.Columns)}.", nameof(columnName));
        }
        return value is T typed ? typed
            : value is null && default(T) is null ? default!
            : throw new InvalidCastException($"Column '{columnName}' has {(value is null ? "no value" : $"a {value.GetType().Name}")}, not a {typeof(T).Name}.");
    }
}
