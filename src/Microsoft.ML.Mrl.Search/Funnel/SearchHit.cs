using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a row that a search found.</summary>
/// <param name="id">The row's id.</param>
/// <param name="score">The row's score.</param>
public readonly struct SearchHit(long id, float score)
{
    /// <summary>Gets the id that the row was added with. In a column that <see cref="QuantizedVectors"/> read, this is the row's position,
    /// counted from 0.</summary>
    public long Id { get; } = id;

    /// <summary>Gets the cosine similarity of the query and the row as it is stored, in [-1, 1].</summary>
    public float Score { get; } = score;

    /// <summary>Returns the id and the score, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id}: {Score}");
}
