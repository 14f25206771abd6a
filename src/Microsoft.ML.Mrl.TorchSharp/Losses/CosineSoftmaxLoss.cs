using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Learns one vector a class and classifies by cosine: CE(s · cos(z[:m], w_c[:m]), y), s = 1 / temperature (NormFace, Wang et al. 2017,
/// arXiv:1704.06369, nested).
/// </summary>
/// <remarks>
/// <para>
/// The batch needs anchors <c>[B, m]</c> and labels <c>[B]</c>. The vectors of the classes <c>[C, D]</c> are part of
/// <see cref="EmbeddingLoss.Parameters"/>, start in random directions, the same every time, and need no bias. The first values of a class's
/// vector classify the prefix, so all nested dimensions come from one pass over the columns.
/// </para>
/// <para>
/// Embeddings are trained as they are used, by cosine. Related losses: <see cref="SharedSoftmaxLoss"/> is the same with dot products and a
/// bias in place of cosines; <see cref="SameLabelLoss"/> compares rows with one another and learns no vectors.
/// </para>
/// </remarks>
public sealed class CosineSoftmaxLoss : EmbeddingLoss
{
    private readonly Parameter _weight;
    private readonly double _scale;

    /// <summary>Initializes a new instance of the <see cref="CosineSoftmaxLoss"/> class.</summary>
    /// <param name="width">The full width D.</param>
    /// <param name="classes">The number of classes C, at least 2.</param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. Default 0.05, so s = 20.</param>
    /// <param name="dtype">The type of the weights. Default single precision.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="width"/>
    /// is below 1, <paramref name="classes"/> is below 2, or <paramref name="temperature"/> is not a number above 0.
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
