using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>A loss with a random batch for it, as plain numbers and as tensors that can be differentiated.</summary>
internal sealed class LossCase
{
    public const int Classes = 3;

    /// <summary>The width of the teacher, and of originals that are not as wide as the embeddings.</summary>
    public const int OtherWidth = 3;

    private const double Smoothing = 0.1;
    private const double SimilarityMargin = -0.1;

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
        Negatives = UsesNegatives ? Numbers(random, 2 * rows * width) : [];
        Labels = [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(Classes))];
        Scores = [.. Enumerable.Range(0, rows).Select(_ => random.Next(4) / 3f)];
        Weights = dimensions.ToDictionary(m => m, m => Numbers(random, Classes * m));
        Biases = dimensions.ToDictionary(m => m, _ => Numbers(random, Classes));
        OriginalWidth = OtherWidth;
        Originals = Numbers(random, rows * OriginalWidth);
        Teachers = Numbers(random, rows * OtherWidth);
        // Marks on a row's own positive are to be ignored.
        Marks = [.. Enumerable.Range(0, rows * 3 * rows).Select(_ => random.Next(4) == 0)];
    }

    public int Rows { get; }

    public int Width { get; }

    public MatryoshkaDimensions Dimensions { get; }

    public double[] Anchors { get; }

    public double[] Positives { get; }

    public double[] Negatives { get; }

    public long[] Labels { get; }

    public float[] Scores { get; }

    public int OriginalWidth { get; }

    public double[] Originals { get; }

    public double[] Teachers { get; }

    /// <summary>The false negatives, <c>[B, 3·B]</c>.</summary>
    public bool[] Marks { get; }

    /// <summary>The classifiers by width; the shared one is that of the largest width.</summary>
    public Dictionary<int, double[]> Weights { get; }

    public Dictionary<int, double[]> Biases { get; }

    /// <summary>The arrays that the loss depends on, in the order of <see cref="LeavesOf"/>.</summary>
    public IReadOnlyList<double[]> Inputs => UsesNegatives ? [Anchors, Positives, Negatives] : _kind switch
    {
        LossKind.Softmax or LossKind.SoftmaxSmoothed or LossKind.SharedSoftmax or LossKind.SharedSoftmaxSmoothed or LossKind.CosineSoftmax or LossKind.SameLabel or LossKind.Unsupervised or LossKind.Distillation => [Anchors],
        _ => [Anchors, Positives],
    };

    /// <summary>The least length of a prefix: the gradient of a cosine grows as a prefix gets shorter than 1, and its rounding with
    /// it.</summary>
    public double ShortestPrefix =>
        Math.Sqrt(Inputs.SelectMany(input => input.Chunk(Width)).Min(row => row.Take(Dimensions.Smallest).Sum(v => v * v)));

    private bool UsesNegatives =>
        _kind is LossKind.InfoNceWithNegatives or LossKind.InfoNceSymmetric or LossKind.InfoNceExcluding or LossKind.InfoNceExcludingOneWay or LossKind.Triplet or LossKind.Weighted;

    public EmbeddingLoss CreateLoss()
    {
        switch (_kind)
        {
            case LossKind.InfoNceSymmetric:
                return new InfoNceLoss(direction: ContrastDirection.Symmetric);
            case LossKind.InfoNceExcluding:
                return new InfoNceLoss(direction: ContrastDirection.Symmetric, similarityMargin: SimilarityMargin);
            case LossKind.InfoNceExcludingOneWay:
                return new InfoNceLoss(similarityMargin: SimilarityMargin);
            case LossKind.CoSent:
                return new CoSentLoss();
            case LossKind.AnglE:
                return new AnglELoss();
            case LossKind.CosineMse:
                return new CosineMseLoss(-1, 3);
            case LossKind.Triplet:
                return new TripletLoss();
            case LossKind.SameLabel:
                return new SameLabelLoss();
            case LossKind.Unsupervised:
                return new UnsupervisedLoss();
            case LossKind.Distillation:
                return new DistillationLoss();
            case LossKind.Softmax or LossKind.SoftmaxSmoothed:
                var separate = new SoftmaxLoss(Dimensions, Classes, _dtype, _kind == LossKind.Softmax ? 0 : Smoothing);
                Set(separate.Parameters, [.. Dimensions.SelectMany(m => new[] { Weights[m], Biases[m] })]);
                return separate;
            case LossKind.SharedSoftmax or LossKind.SharedSoftmaxSmoothed:
                var shared = new SharedSoftmaxLoss(Dimensions.Largest, Classes, _dtype, _kind == LossKind.SharedSoftmax ? 0 : Smoothing);
                Set(shared.Parameters, [Weights[Dimensions.Largest], Biases[Dimensions.Largest]]);
                return shared;
            case LossKind.CosineSoftmax:
                var cosine = new CosineSoftmaxLoss(Dimensions.Largest, Classes, dtype: _dtype);
                Set(cosine.Parameters, [Weights[Dimensions.Largest]]);
                return cosine;
            case LossKind.Weighted:
                var classifier = new SoftmaxLoss(Dimensions, Classes, _dtype);
                Set(classifier.Parameters, [.. Dimensions.SelectMany(m => new[] { Weights[m], Biases[m] })]);
                return new WeightedLoss([
                    new(classifier, 0.5, UsesNegatives: false),
                    new(new InfoNceLoss(similarityMargin: SimilarityMargin), 2, UsesNegatives: false),
                    new(new TripletLoss(), 1, UsesNegatives: true),
                    new(new UnsupervisedLoss(), 3, UsesNegatives: false), new(new AnglELoss(), 0.1, UsesNegatives: false),
                ]);
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
        Originals = tensor(Originals, [Rows, OriginalWidth]).to(_dtype),
        Teachers = tensor(Teachers, [Rows, OtherWidth]).to(_dtype),
        FalseNegatives = _kind is LossKind.InfoNceExcluding or LossKind.InfoNceExcludingOneWay or LossKind.Weighted
            ? tensor(Marks, [Rows, 3 * Rows]) : null,
    };

    public static Tensor[] LeavesOf(EmbeddingBatch batch) =>
        [.. new[] { batch.Anchors, batch.Positives, batch.Negatives }.OfType<Tensor>()];

    /// <summary>The loss at one width by plain loops.</summary>
    public double PlainValue(int m) => _kind switch
    {
        LossKind.InfoNceSymmetric =>
            (PlainLoss.InfoNce(Anchors, [.. Positives, .. Negatives], Width, m, 20)
            + PlainLoss.InfoNce(Positives, Anchors, Width, m, 20)) / 2,
        LossKind.InfoNceExcluding =>
            (PlainLoss.InfoNce(Anchors, [.. Positives, .. Negatives], Width, m, 20, IsExcluded)
            + PlainLoss.InfoNce(Positives, Anchors, Width, m, 20, IsExcludedBackwards)) / 2,
        LossKind.InfoNceExcludingOneWay => PlainLoss.InfoNce(Anchors, [.. Positives, .. Negatives], Width, m, 20, IsExcluded),
        LossKind.CoSent => PlainLoss.CoSent(Anchors, Positives, Scores, Width, m, 20),
        LossKind.AnglE => PlainLoss.AnglE(Anchors, Positives, Scores, Width, m, 20),
        LossKind.CosineMse => PlainLoss.CosineMse(Anchors, Positives, [.. Scores.Select(s => (s + 1.0) / 4)], Width, m),
        LossKind.Triplet => PlainLoss.Triplet(Anchors, Positives, Negatives, Width, m, 0.3),
        LossKind.SameLabel => PlainLoss.SameLabel(Anchors, Labels, Width, m, 10),
        LossKind.Unsupervised => PlainLoss.Unsupervised(Originals, OriginalWidth, Anchors, Width, m),
        LossKind.Distillation => PlainLoss.Distillation(Teachers, OtherWidth, Anchors, Width, m, 20),
        LossKind.Softmax => PlainLoss.Softmax(Anchors, Labels, Weights[m], m, Biases[m], Width, m),
        LossKind.SoftmaxSmoothed => PlainLoss.Softmax(Anchors, Labels, Weights[m], m, Biases[m], Width, m, Smoothing),
        LossKind.SharedSoftmax =>
            PlainLoss.Softmax(Anchors, Labels, Weights[Dimensions.Largest], Dimensions.Largest, Biases[Dimensions.Largest], Width, m),
        LossKind.SharedSoftmaxSmoothed => PlainLoss.Softmax(
            Anchors, Labels, Weights[Dimensions.Largest], Dimensions.Largest, Biases[Dimensions.Largest], Width, m, Smoothing),
        LossKind.CosineSoftmax => PlainLoss.CosineSoftmax(Anchors, Width, Labels, Weights[Dimensions.Largest], Dimensions.Largest, m, 20),
        LossKind.Weighted => 0.5 * PlainLoss.Softmax(Anchors, Labels, Weights[m], m, Biases[m], Width, m)
            + 2 * PlainLoss.InfoNce(Anchors, Positives, Width, m, 20, IsExcluded)
            + PlainLoss.Triplet(Anchors, Positives, Negatives, Width, m, 0.3) + 3 * PlainLoss.Unsupervised(
                Originals, OriginalWidth, Anchors, Width, m) + 0.1 * PlainLoss.AnglE(Anchors, Positives, Scores, Width, m, 20),
        _ => PlainLoss.InfoNce(Anchors, [.. Positives, .. Negatives], Width, m, 20),
    };

    public static double[] Values(Tensor tensor) => tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    private bool IsExcluded(int anchor, int candidate) => anchor != candidate
        && (Marks[anchor * 3 * Rows + candidate] || IsTooNear(Anchors, [.. Positives, .. Negatives], anchor, candidate));

    private bool IsExcludedBackwards(int positive, int anchor) => anchor != positive
        && (Marks[positive + anchor * 3 * Rows] || IsTooNear(Positives, Anchors, positive, anchor));

    private bool IsTooNear(double[] left, double[] right, int i, int j) =>
        PlainLoss.Cosine(left, i, right, j, Width, Width) > PlainLoss.Cosine(left, i, right, i, Width, Width) + SimilarityMargin;

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
