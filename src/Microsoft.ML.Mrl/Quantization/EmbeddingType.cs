namespace Microsoft.ML.Mrl;

#pragma warning disable CA1720 // The names of the types are what the values tell apart.
/// <summary>The type in which the values of an embedding are stored, and so the bytes that m values take.</summary>
public enum EmbeddingType
{
    /// <summary>Single-precision values: 4 m bytes. In a view, a vector of Single.</summary>
    Single,

    /// <summary>Half-precision values (IEEE 754 binary16): 2 m bytes. In a view, a vector of UInt16 that holds their bits, for ML.NET has no half-precision type.</summary>
    Half,

    /// <summary>A signed byte a value, on a range of its own for each dimension: m bytes. In a view, a vector of SByte.</summary>
    Int8,

    /// <summary>A bit a value, set for what is above 0: m / 8 bytes, rounded up. In a view, a vector of Byte.</summary>
    Binary,
}
#pragma warning restore CA1720
