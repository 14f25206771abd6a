namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Which rows of a batch are known to be no negatives of each other.</summary>
[Flags]
internal enum FalseNegativeRule
{
    None = 0,

    /// <summary>A candidate equal to the row's own positive or to its input, and the positive of an equal input.</summary>
    EqualVectors = 1,

    /// <summary>The positive of a row with the same label.</summary>
    EqualLabels = 2,
}
