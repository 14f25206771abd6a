namespace Microsoft.ML.Mrl;

/// <summary>Whether nested classifiers share their weights.</summary>
public enum WeightTying
{
    /// <summary>Every dimension has its own weights and bias. The default, and the better one at small dimensions.</summary>
    Separate,

    /// <summary>All dimensions use the first columns of one weight matrix, and one bias.</summary>
    /// <remarks>MRL-E in the paper: all nested logits for the price of one.</remarks>
    Shared,
}
