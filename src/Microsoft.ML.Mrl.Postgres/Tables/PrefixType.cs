namespace Microsoft.ML.Mrl;

/// <summary>
/// Specifies how the index stores the prefixes of k values by which a search finds its candidates. Candidates are ranked by the full
/// vectors whichever type is chosen.
/// </summary>
public enum PrefixType
{
    /// <summary>
    /// Stores prefixes as <c>vector</c>, 4 bytes a value and at most 2,000 values, compared by cosine (<c>vector_cosine_ops</c>). This is
    /// the default. The index is on
    /// <c>subvector(embedding, 1, k)::vector(k)</c>.
    /// </summary>
    Vector,

    /// <summary>
    /// Stores prefixes as <c>halfvec</c>, 2 bytes a value and at most 4,000 values, compared by cosine (<c>halfvec_cosine_ops</c>). The
    /// index is on
    /// <c>l2_normalize(subvector(embedding, 1, k))::halfvec(k)</c>: cosines do not depend on the length, and at unit length every value is
    /// in the range of half precision.
    /// Where the full vectors are <c>halfvec</c> themselves, it is on <c>subvector(embedding, 1, k)::halfvec(k)</c>.
    /// </summary>
    HalfVector,

    /// <summary>
    /// Stores prefixes as <c>bit</c>, one bit a value that says whether the value is above zero, at most 64,000 values, compared by the
    /// number of bits that differ
    /// (<c>bit_hamming_ops</c>). The index is on <c>binary_quantize(subvector(embedding, 1, k))::bit(k)</c>. Bits need longer prefixes and
    /// more candidates; which of several
    /// rows at the same distance become candidates is not specified.
    /// </summary>
    Bit,
}
