using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents softmax cross-entropy with one learned linear classifier for all widths: CE(W[:, :m] z + b, y), the inner loss of MRL-E
/// (Kusupati et al. 2022, arXiv:2205.13147).
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors <c>[B, m]</c>, which are not rescaled to unit length, and labels <c>[B]</c>. The classifier starts at zero
/// and is part of <see cref="EmbeddingLoss.Parameters"/>. The logits of a prefix are those of the shorter prefix plus those of the block in
/// between, so all nested logits together cost one matrix product.
/// </para>
/// <para>Related losses: <see cref="SoftmaxLoss"/> has a classifier for each width.</para>
/// </remarks>
public sealed class SharedSoftmaxLoss : EmbeddingLoss
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly double _labelSmoothing;

    /// <summary>Initializes a new instance of the <see cref="SharedSoftmaxLoss"/> class.</summary>
    /// <param name="width">The full width D.</param>
    /// <param name="classes">The number of classes C, at least 2.</param>
    /// <param name="dtype">The type of the weights. The default is single precision.</param>
    /// <param name="labelSmoothing">
    /// The share of each row's target that is spread evenly over all classes, from 0 (default) to below 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="width"/> is below 1, <paramref name="classes"/> is below 2, or <paramref name="labelSmoothing"/> is not in 0 to
    /// below 1.
    /// </exception>
    public SharedSoftmaxLoss(int width, int classes, ScalarType dtype = ScalarType.Float32, double labelSmoothing = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _labelSmoothing = LossArguments.LabelSmoothing(labelSmoothing);
        _weight = new Parameter(zeros(classes, width, dtype));
        _bias = new Parameter(zeros(classes, dtype));
    }

    /// <inheritdoc/>
    public override bool UnitLength => false;

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [_weight, _bias];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no labels.</exception>
    public override Tensor Forward(EmbeddingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return ForwardNested(batch, new MatryoshkaDimensions(batch.Dimensions))[0];
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<Tensor> ForwardNested(EmbeddingBatch batch, MatryoshkaDimensions dimensions)
    {
        Tensor labels = Require(batch.Labels, nameof(batch.Labels));
        var losses = new Tensor[dimensions.Count];
        Tensor logits = _bias;
        int start = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            int length = dimensions[i] - start;
            logits = addmm(logits, batch.Anchors.narrow(1, start, length), _weight.narrow(1, start, length).t(), 1, 1);
            losses[i] = nn.functional.cross_entropy(logits, labels, label_smoothing: _labelSmoothing);
            start = dimensions[i];
        }
        return losses;
    }

    /// <inheritdoc/>
    internal override Tensor? ForwardFused(EmbeddingBatch batch, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights) =>
        batch.Labels is { } labels
            ? NestedSoftmax.Loss(batch.Anchors, _weight, _bias, labels, dimensions, weights, (float)_labelSmoothing)
            : null;
}
