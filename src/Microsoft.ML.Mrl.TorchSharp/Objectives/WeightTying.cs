namespace Microsoft.ML.Mrl;

/// <summary>Specifies whether nested classifiers share their weights.</summary>
public enum WeightTying
{
    /// <summary>
    /// Each dimension has its own weights and bias; see <see cref="SoftmaxLoss"/>. This is the default, and better at small dimensions.
    /// </summary>
    Separate,

    /// <summary>
    /// All dimensions use the first columns of one weight matrix, and one bias; see <see cref="SharedSoftmaxLoss"/>. The paper calls this
    /// MRL-E. All nested logits together cost about as much as those of one dimension.
    /// </summary>
    Shared,
}
