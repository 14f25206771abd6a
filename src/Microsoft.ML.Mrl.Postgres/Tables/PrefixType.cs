namespace Microsoft.ML.Mrl;

/// <summary>As what the index holds the prefixes, by which the first stage finds the short list. The second stage ranks by the full vectors whichever it is.</summary>
public enum PrefixType
{
    /// <summary>
    /// <c>vector</c>, 4 bytes a value, by cosine (<c>vector_cosine_ops</c>), of up to 2,000 values. The default. The index is on
    /// <c>subvector(embedding, 1, k)::vector(k)</c>.
    /// </summary>
    Vector,

    /// <summary>
    /// <c>halfvec</c>, 2 bytes a value, by cosine (<c>halfvec_cosine_ops</c>), of up to 4,000 values. The index is on <c>l2_normalize(subvector(embedding, 1, k))::halfvec(k)</c>: cosines do
    /// not mind the length, and at unit length no value leaves the range of half precision. Where the full vectors are <c>halfvec</c> themselves, it is on
    /// <c>subvector(embedding, 1, k)::halfvec(k)</c>.
    /// </summary>
    HalfVector,

    /// <summary>
    /// <c>bit</c>, a bit a value that says whether it is above zero, by the number of bits that differ (<c>bit_hamming_ops</c>), of up to 64,000 values. The index is on
    /// <c>binary_quantize(subvector(embedding, 1, k))::bit(k)</c>. For longer prefixes and longer short lists; among rows of equal distance it is open which ones come into the short list.
    /// </summary>
    Bit,
}
