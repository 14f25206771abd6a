using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Softmax cross-entropy CE(W_m z + b_m, y) with a classifier of its own for every width m: the inner loss of MRL (Kusupati et al. 2022, arXiv:2205.13147).
/// </summary>
/// <remarks>Sees raw values, not unit length. Needs labels. The classifiers start at zero.</remarks>
public sealed class SoftmaxLoss : EmbeddingLoss
{
    private readonly double _labelSmoothing;
    private readonly Dictionary<int, (Parameter Weight, Parameter Bias)> _classifiers;

    /// <summary>Creates the classifiers.</summary>
    /// <param name="dimensions">The widths m that embeddings will be cut to.</param>
    /// <param name="classes">The number of classes C, at least 2.</param>
    /// <param name="dtype">The type of the weights. Default single precision.</param>
    /// <param name="labelSmoothing">The share of each row's target that is spread evenly over all classes. 0 (default) up to, not including, 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 2, or <paramref name="labelSmoothing"/> is not in 0 up to 1.</exception>
    public SoftmaxLoss(MatryoshkaDimensions dimensions, int classes, ScalarType dtype = ScalarType.Float32, double labelSmoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _labelSmoothing = LabelSmoothing.Checked(labelSmoothing);
        _classifiers = dimensions.ToDictionary(m => m, m => (new Parameter(zeros(classes, m, dtype)), new Parameter(zeros(classes, dtype))));
    }

    /// <inheritdoc/>
    public override bool UnitLength => false;

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => _classifiers.OrderBy(c => c.Key).SelectMany(c => new[] { c.Value.Weight, c.Value.Bias });

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no labels or a width that has no classifier.</exception>
    public override Tensor Forward(EmbeddingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Tensor labels = Require(batch.Labels, nameof(batch.Labels));
        if (!_classifiers.TryGetValue(batch.Dimensions, out (Parameter Weight, Parameter Bias) classifier))
        {
            throw new ArgumentException($"No classifier was made for width {batch.Dimensions}; there are ones for {string.Join(", ", _classifiers.Keys.Order())}.", nameof(batch));
        }
        return nn.functional.cross_entropy(addmm(classifier.Bias, batch.Anchors, classifier.Weight.t(), 1, 1), labels, label_smoothing: _labelSmoothing);
    }
}
