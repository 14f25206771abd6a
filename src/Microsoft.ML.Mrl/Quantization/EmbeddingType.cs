namespace Microsoft.ML.Mrl;

#pragma warning disable CA1720 // The names of the types are what distinguishes the values.
/// <summary>
/// Specifies the type in which the values of an embedding are stored, and thereby the number of bytes that m values take.
/// </summary>
public enum EmbeddingType
{
    /// <summary>Single-precision values, which take 4 m bytes. A view holds them as a vector of Single.</summary>
    Single,

    /// <summary>
    /// Half-precision values (IEEE 754 binary16), which take 2 m bytes. A view holds their bits as a vector of UInt16, since ML.NET has no
    /// half-precision type.
    /// </summary>
    Half,

    /// <summary>
    /// One signed byte for each value, spread over a range of each dimension, which takes m bytes. A view holds them as a vector of SByte.
    /// </summary>
    Int8,

    /// <summary>
    /// One bit for each value, set for values above 0, which takes m / 8 bytes, rounded up. A view holds them as a vector of Byte.
    /// </summary>
    Binary,
}
#pragma warning restore CA1720
