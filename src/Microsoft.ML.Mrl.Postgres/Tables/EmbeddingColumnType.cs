namespace Microsoft.ML.Mrl;

/// <summary>How the full vectors are stored.</summary>
public enum EmbeddingColumnType
{
    /// <summary><c>vector</c>: single precision, 4D + 8 bytes a row. The default.</summary>
    Vector,

    /// <summary>
    /// <c>halfvec</c>: half precision, 2D + 8 bytes a row. Values are rounded to 11 binary digits, those nearer to zero than 6e-5 to fewer. A row with a value beyond ±65,504 is unfit
    /// (see <see cref="UnfitVectors"/>). Queries are not rounded.
    /// </summary>
    HalfVector,
}
