namespace Microsoft.ML.Mrl;

/// <summary>
/// What becomes of a row whose vector pgvector cannot compare: it has a NaN or an infinity, its prefix is zero, the sum of its squares leaves the range of single precision, or, where vectors are stored as
/// <see cref="EmbeddingColumnType.HalfVector"/>, a value is beyond ±65,504 or the prefix is zero once rounded.
/// </summary>
public enum UnfitVectors
{
    /// <summary>The load ends with an error that names the row; chunks before it stay. The default.</summary>
    Refuse,

    /// <summary>The row is left out and counted in <see cref="VectorLoadState.RowsLeftOut"/>.</summary>
    LeaveOut,
}
