using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents softmax cross-entropy over the cosines with one learned vector for each class: CE(s · cos(z[:m], w_c[:m]), y), s = 1 /
/// temperature. Nested, it is a Matryoshka version of NormFace (Wang et al. 2017, arXiv:1704.06369).
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors <c>[B, m]</c> and labels <c>[B]</c>. The vectors of the classes, <c>[C, D]</c>, are part of
/// <see cref="EmbeddingLoss.Parameters"/>. They start in random directions that are the same every time. The first values of a class's
/// vector classify the prefix, so all nested dimensions are computed in one pass over the columns.
/// </para>
/// <para>
/// Related losses: <see cref="SharedSoftmaxLoss"/> uses dot products and a bias in place of cosines. <see cref="SameLabelLoss"/> compares
/// rows with each other and learns no vectors.
/// </para>
/// </remarks>
public sealed class CosineSoftmaxLoss : EmbeddingLoss
{
    private readonly Parameter _weight;
    private readonly double _scale;

    /// <summary>Initializes a new instance of the <see cref="CosineSoftmaxLoss"/> class.</summary>
    /// <param name="width">The full width D.</param>
    /// <param name="classes">The number of classes C, at least 2.</param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. The default is 0.05, so s = 20.</param>
    /// <param name="dtype">The type of the weights. The default is single precision.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="width"/> is below 1, <paramref name="classes"/> is below 2, or <paramref name="temperature"/> is not a number above
    /// 0.
    /// </exception>
    public CosineSoftmaxLoss(int width, int classes, double temperature = 0.05, ScalarType dtype = ScalarType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _scale = 1 / LossArguments.Temperature(temperature);
        _weight = new Parameter(tensor(Directions(classes, width), [classes, width]).to(dtype));
    }

    /// <inheritdoc/>
    public override bool UnitLength => false;

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [_weight];

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
        Tensor[] cosines = NestedCosines.OfAllPairs(batch.Anchors, _weight, dimensions);
        return [.. cosines.Select(c => nn.functional.cross_entropy(c.Times(_scale), labels))];
    }

    /// <inheritdoc/>
    internal override Tensor? ForwardFused(EmbeddingBatch batch, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights)
    {
        if (batch.Labels is not { } labels || NestedSoftmax.LabelsOf(labels, batch.Anchors.shape[0], _weight.shape[0]) is not { } numbers)
        {
            return null;
        }
        Tensor anchors = batch.Anchors.narrow(1, 0, dimensions.Largest), classes = _weight.narrow(1, 0, dimensions.Largest);
        int[] targets = Array.ConvertAll(numbers, number => (int)number);
        return NestedInfoNce.Loss(anchors, classes, dimensions, weights, _scale, targets: targets);
    }

    /// <summary>Vectors in random directions, the same every time: a vector of zeros has no gradient to follow.</summary>
    private static float[] Directions(int classes, int width)
    {
        var random = new Random(classes);
        var values = new float[classes * width];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2 / Math.Sqrt(width));
        }
        return values;
    }
}
