using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Learns one vector a class and classifies by cosine: CE(s · cos(z[:m], w_c[:m]), y), s = 1 / temperature (NormFace, Wang et al. 2017,
/// arXiv:1704.06369, nested). What is learned is measured as embeddings are used: by cosine, and by the nearest of one vector a class.
/// </summary>
/// <remarks>
/// The batch needs anchors <c>[B, D]</c> and labels <c>[B]</c>. The first values of a class's vector classify the prefix, so all nested
/// dimensions come from one pass over the columns, as for <see cref="InfoNceLoss"/> with the classes' vectors in place of documents.
/// </remarks>
internal sealed class CosineSoftmaxLoss : EmbeddingLoss
{
    private readonly Parameter _weight;
    private readonly double _scale;

    /// <param name="width">The full width D.</param>
    /// <param name="classes">The number of classes C, at least 2.</param>
    /// <param name="temperature">The number that the cosines are divided by, above 0.</param>
    /// <param name="dtype">The type of the weights.</param>
    public CosineSoftmaxLoss(int width, int classes, double temperature = 0.05, ScalarType dtype = ScalarType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _scale = 1 / LossArguments.Temperature(temperature);
        _weight = new Parameter(tensor(Directions(classes, width), [classes, width]).to(dtype));
    }

    public override bool UnitLength => false;

    public override IEnumerable<Parameter> Parameters => [_weight];

    public override Tensor Forward(EmbeddingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return ForwardNested(batch, new MatryoshkaDimensions(batch.Dimensions))[0];
    }

    internal override IReadOnlyList<Tensor> ForwardNested(EmbeddingBatch batch, MatryoshkaDimensions dimensions)
    {
        Tensor labels = Require(batch.Labels, nameof(batch.Labels));
        Tensor[] cosines = NestedCosines.OfAllPairs(batch.Anchors, _weight, dimensions);
        return [.. cosines.Select(c => nn.functional.cross_entropy(c.Times(_scale), labels))];
    }

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
