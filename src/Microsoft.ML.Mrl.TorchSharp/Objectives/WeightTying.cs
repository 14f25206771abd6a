namespace Microsoft.ML.Mrl;

/// <summary>Specifies whether nested classifiers share their weights.</summary>
public enum WeightTying
{
    /// <summary>
    /// Every dimension has its own weights and bias; see <see cref="SoftmaxLoss"/>. The default, and the better one at small dimensions.
    /// </summary>
    Separate,

    /// <summary>
    /// All dimensions use the first columns of one weight matrix, and one bias; see <see cref="SharedSoftmaxLoss"/>. MRL-E in the paper:
    /// all nested logits for the price of one.
    /// </summary>
    Shared,
}
