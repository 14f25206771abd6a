namespace Microsoft.ML.Mrl;

/// <summary>Specifies how PostgreSQL stores the full vectors.</summary>
public enum EmbeddingColumnType
{
    /// <summary>Stores vectors of D values as <c>vector</c>, in single precision, 4D + 8 bytes each. This is the default.</summary>
    Vector,

    /// <summary>
    /// Stores vectors of D values as <c>halfvec</c>, in half precision, 2D + 8 bytes each. Values are rounded to 11 significant bits, and
    /// to fewer where they are nearer
    /// to zero than 6e-5. Vectors with a value beyond ±65,504 are invalid, see <see cref="InvalidVectors"/>. Queries are not rounded.
    /// </summary>
    HalfVector,
}
