using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.Losses;

/// <summary>A loss with a random batch for it, as plain numbers and as tensors that can be differentiated.</summary>
internal sealed class LossCase
{
    public const int Classes = 3;

    private readonly LossKind _kind;
    private readonly ScalarType _dtype;

    public LossCase(LossKind kind, int rows, int width, MatryoshkaDimensions dimensions, ScalarType dtype, int seed)
    {
        _kind = kind;
        _dtype = dtype;
        Rows = rows;
        Width = width;
        Dimensions = dimensions;
        var random = new Random(seed);
        Anchors = Numbers(random, rows * width);
        Positives = Numbers(random, rows * width);
        Negatives = kind == LossKind.InfoNceWithNegatives ? Numbers(random, 2 * rows * width) : [];
        Labels = [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(Classes))];
        Scores = [.. Enumerable.Range(0, rows).Select(_ => random.Next(4) / 3f)];
        Weights = dimensions.ToDictionary(m => m, m => Numbers(random, Classes * m));
        Biases = dimensions.ToDictionary(m => m, _ => Numbers(random, Classes));
    }

    public int Rows { get; }

    public int Width { get; }

    public MatryoshkaDimensions Dimensions { get; }

    public double[] Anchors { get; }

    public double[] Positives { get; }

    public double[] Negatives { get; }

    public long[] Labels { get; }

    public float[] Scores { get; }

    /// <summary>The classifiers by width; the shared one is that of the largest width.</summary>
    public Dictionary<int, double[]> Weights { get; }

    public Dictionary<int, double[]> Biases { get; }

    /// <summary>The arrays that the loss depends on, in the order of <see cref="LeavesOf"/>.</summary>
    public IReadOnlyList<double[]> Inputs => _kind switch
    {
        LossKind.InfoNceWithNegatives => [Anchors, Positives, Negatives],
        LossKind.Softmax or LossKind.SharedSoftmax => [Anchors],
        _ => [Anchors, Positives],
    };

    public EmbeddingLoss CreateLoss()
    {
        switch (_kind)
        {
            case LossKind.CoSent:
                return new CoSentLoss();
            case LossKind.Softmax:
                var separate = new SoftmaxLoss(Dimensions, Classes, _dtype);
                Set(separate.Parameters, [.. Dimensions.SelectMany(m => new[] { Weights[m], Biases[m] })]);
                return separate;
            case LossKind.SharedSoftmax:
                var shared = new SharedSoftmaxLoss(Dimensions.Largest, Classes, _dtype);
                Set(shared.Parameters, [Weights[Dimensions.Largest], Biases[Dimensions.Largest]]);
                return shared;
            default:
                return new InfoNceLoss();
        }
    }

    /// <summary>New leaves from the present numbers.</summary>
    public EmbeddingBatch CreateBatch() => new()
    {
        Anchors = Leaf(Anchors),
        Positives = Inputs.Count > 1 ? Leaf(Positives) : null,
        Negatives = Inputs.Count > 2 ? Leaf(Negatives) : null,
        Labels = tensor(Labels),
        Scores = tensor(Scores),
    };

    public static Tensor[] LeavesOf(EmbeddingBatch batch) => [.. new[] { batch.Anchors, batch.Positives, batch.Negatives }.OfType<Tensor>()];

    /// <summary>The loss at one width by plain loops.</summary>
    public double PlainValue(int m) => _kind switch
    {
        LossKind.CoSent => PlainLoss.CoSent(Anchors, Positives, Scores, Width, m, 20),
        LossKind.Softmax => PlainLoss.Softmax(Anchors, Labels, Weights[m], m, Biases[m], Width, m),
        LossKind.SharedSoftmax => PlainLoss.Softmax(Anchors, Labels, Weights[Dimensions.Largest], Dimensions.Largest, Biases[Dimensions.Largest], Width, m),
        _ => PlainLoss.InfoNce(Anchors, [.. Positives, .. Negatives], Width, m, 20),
    };

    public static double[] Values(Tensor tensor) => tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    private Tensor Leaf(double[] values)
    {
        Tensor leaf = tensor(values, [values.Length / Width, Width]).to(_dtype).detach();
        leaf.requires_grad = true;
        return leaf;
    }

    private static double[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];

    private static void Set(IEnumerable<Parameter> parameters, double[][] values)
    {
        using IDisposable gradients = no_grad();
        foreach ((Parameter parameter, double[] numbers) in parameters.Zip(values))
        {
            parameter.copy_(tensor(numbers, parameter.shape).to(parameter.dtype));
        }
    }
}
