using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents softmax cross-entropy with a learned linear classifier for each width m: CE(W_m z + b_m, y), the inner loss of Matryoshka
/// Representation Learning (Kusupati et al. 2022, arXiv:2205.13147).
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors <c>[B, m]</c>, which are not rescaled to unit length, and labels <c>[B]</c>. The classifiers start at zero
/// and are part of <see cref="EmbeddingLoss.Parameters"/>.
/// </para>
/// <para>
/// Related losses: <see cref="SharedSoftmaxLoss"/> has one classifier for all widths, which is faster and slightly worse at small widths.
/// <see cref="SameLabelLoss"/> compares rows with each other and learns no classifier.
/// </para>
/// </remarks>
public sealed class SoftmaxLoss : EmbeddingLoss
{
    private readonly double _labelSmoothing;
    private readonly Dictionary<int, (Parameter Weight, Parameter Bias)> _classifiers;

    /// <summary>Initializes a new instance of the <see cref="SoftmaxLoss"/> class.</summary>
    /// <param name="dimensions">The widths m that the embeddings will have.</param>
    /// <param name="classes">The number of classes C, at least 2.</param>
    /// <param name="dtype">The type of the weights. The default is single precision.</param>
    /// <param name="labelSmoothing">
    /// The share of each row's target that is spread evenly over all classes, from 0 (default) to below 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="classes"/> is below 2, or <paramref name="labelSmoothing"/> is not in 0 to below 1.
    /// </exception>
    public SoftmaxLoss(MatryoshkaDimensions dimensions, int classes, ScalarType dtype = ScalarType.Float32, double labelSmoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _labelSmoothing = LossArguments.LabelSmoothing(labelSmoothing);
        _classifiers = dimensions.ToDictionary(
            m => m, m => (new Parameter(zeros(classes, m, dtype)), new Parameter(zeros(classes, dtype))));
    }

    /// <inheritdoc/>
    public override bool UnitLength => false;

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters =>
        _classifiers.OrderBy(c => c.Key).SelectMany(c => new[] { c.Value.Weight, c.Value.Bias });

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no labels, or its width has no classifier.</exception>
    public override Tensor Forward(EmbeddingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Tensor labels = Require(batch.Labels, nameof(batch.Labels));
        if (!_classifiers.TryGetValue(batch.Dimensions, out (Parameter Weight, Parameter Bias) classifier))
        {
            string widths = string.Join(", ", _classifiers.Keys.Order());
            throw new ArgumentException(
                $"There is no classifier for width {batch.Dimensions}. The loss has classifiers for the widths {widths}.", nameof(batch));
        }
        Tensor logits = addmm(classifier.Bias, batch.Anchors, classifier.Weight.t(), 1, 1);
        return nn.functional.cross_entropy(logits, labels, label_smoothing: _labelSmoothing);
    }
}
