namespace Microsoft.ML.Mrl;

/// <summary>What a vector column is in an objective.</summary>
internal enum VectorRole
{
    /// <summary>The input column.</summary>
    Anchor,

    /// <summary>The column that belongs to the input, or is compared with it.</summary>
    Positive,

    /// <summary>The column that must not be near the input.</summary>
    Negative,
}
