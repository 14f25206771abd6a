namespace Microsoft.ML.Mrl;

/// <summary>Represents a row that a search in a <see cref="PostgresVectorTable{TId}"/> found.</summary>
/// <typeparam name="TId">The type of ids, <see cref="long"/> or <see cref="string"/>.</typeparam>
public sealed class VectorMatch<TId>
    where TId : notnull
{
    internal VectorMatch(TId id, double score, IReadOnlyDictionary<string, object?> values)
    {
        Id = id;
        Score = score;
        Values = values;
    }

    /// <summary>Gets the id of the row.</summary>
    public TId Id { get; }

    /// <summary>Gets the cosine of the row's full vector and the query, −1 to 1, computed by pgvector in single precision.</summary>
    public double Score { get; }

    /// <summary>Gets the values of the row by the names of the columns, of the types that <see cref="TableColumn"/> lists.</summary>
    internal IReadOnlyDictionary<string, object?> Values { get; }

    /// <summary>Returns the value of a column.</summary>
    /// <typeparam name="T">
    /// The type that <see cref="TableColumn"/> lists, or its nullable type for a table made elsewhere whose column may be NULL.
    /// </typeparam>
    /// <param name="columnName">The name of the column, one of <see cref="PostgresVectorTableOptions.Columns"/>.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidCastException">The value is of another type.</exception>
    public T Get<T>(string columnName)
    {
        if (!Values.TryGetValue(columnName, out object? value))
        {
            throw new ArgumentException(
                $"The match has no column '{columnName}', but '{string.Join("', '", Values.Keys)}'. "
                + $"Name it in {nameof(PostgresVectorTableOptions.Columns)}.",
                nameof(columnName));
        }
        return value is T typed ? typed
            : value is null && default(T) is null ? default!
            : throw new InvalidCastException(
                $"Column '{columnName}' has {(value is null ? "no value" : $"a {value.GetType().Name}")}, not a {typeof(T).Name}. "
                + "Ask for the type of the column.");
    }
}
