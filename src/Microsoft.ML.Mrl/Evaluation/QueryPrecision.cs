namespace Microsoft.ML.Mrl;

/// <summary>
/// Specifies how queries, or rows to classify, are represented when an evaluation quantizes the vectors they are compared with.
/// </summary>
public enum QueryPrecision
{
    /// <summary>
    /// Queries stay in single precision, and only the stored vectors are quantized. This suits queries that are embedded when they are
    /// needed.
    /// </summary>
    Full,

    /// <summary>Queries are quantized like the stored vectors, as when bits are compared by Hamming distance.</summary>
    Quantized,
}
