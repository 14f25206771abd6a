namespace Microsoft.ML.Mrl;

/// <summary>Specifies what a load does with a row whose vector pgvector cannot compare.</summary>
/// <remarks>
/// A vector is invalid if it contains NaN or an infinity, if its prefix is zero, or if the sum of its squares leaves the range of single
/// precision. Where vectors are stored as <see cref="PgvectorType.HalfVector"/>, it is also invalid if a value is beyond ±65,504 or if its
/// prefix is zero after rounding.
/// </remarks>
public enum InvalidVectors
{
    /// <summary>Throws an exception that names the row. Rows that were committed before stay in the table. This is the default.</summary>
    Throw,

    /// <summary>Skips the row and counts it in <see cref="VectorLoadState.RowsSkipped"/>.</summary>
    Skip,
}
