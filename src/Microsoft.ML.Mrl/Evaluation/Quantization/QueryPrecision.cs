namespace Microsoft.ML.Mrl;

/// <summary>What the side that asks is, when quantized vectors are compared.</summary>
public enum QueryPrecision
{
    /// <summary>Queries, or the rows to classify, stay in single precision: they are made when they are needed, and only what is stored is quantized.</summary>
    Full,

    /// <summary>They are quantized like what they are compared with, as when bits are compared by Hamming distance.</summary>
    Quantized,
}
