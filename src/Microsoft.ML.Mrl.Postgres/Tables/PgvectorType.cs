namespace Microsoft.ML.Mrl;

/// <summary>Specifies the pgvector type that stores full vectors, or their prefixes in the index.</summary>
/// <remarks>Candidates are ranked by the full vectors, whichever type the prefixes have. Queries are not rounded.</remarks>
public enum PgvectorType
{
    /// <summary>
    /// Stores values in single precision (<c>vector</c>). Full vectors of D values take 4D + 8 bytes each. Prefixes take 4 bytes a value,
    /// have at most 2,000 values, and are compared by cosine (<c>vector_cosine_ops</c>). This is the default.
    /// </summary>
    /// <remarks>The index is on <c>subvector(embedding, 1, k)::vector(k)</c>.</remarks>
    Vector,

    /// <summary>
    /// Stores values in half precision (<c>halfvec</c>). Full vectors of D values take 2D + 8 bytes each. Prefixes take 2 bytes a value,
    /// have at most 4,000 values, and are compared by cosine (<c>halfvec_cosine_ops</c>).
    /// </summary>
    /// <remarks>
    /// <para>
    /// Values are rounded to 11 significant bits, and to fewer if they are nearer to zero than 6e-5. Full vectors with a value beyond
    /// ±65,504 are invalid, see <see cref="InvalidVectors"/>.
    /// </para>
    /// <para>
    /// The index is on <c>l2_normalize(subvector(embedding, 1, k))::halfvec(k)</c>. Cosines do not depend on the length, and every value of
    /// a vector of unit length is in the range of half precision. If the full vectors are <c>halfvec</c> themselves, the index is on
    /// <c>subvector(embedding, 1, k)::halfvec(k)</c>.
    /// </para>
    /// </remarks>
    HalfVector,

    /// <summary>
    /// Stores one bit for each value, which says whether the value is above zero (<c>bit</c>). Prefixes have at most 64,000 values and are
    /// compared by the number of bits that differ (<c>bit_hamming_ops</c>). Full vectors cannot have this type.
    /// </summary>
    /// <remarks>
    /// The index is on <c>binary_quantize(subvector(embedding, 1, k))::bit(k)</c>. Bits need longer prefixes and more candidates. Which of
    /// several rows at the same distance become candidates is not specified.
    /// </remarks>
    Bit,
}
