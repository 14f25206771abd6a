using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

[Collection(TorchCollection.Name)]
public class MatryoshkaLossTests
{
    [Fact]
    public void Constructor_NoWeights_OneEach()
    {
        var loss = new MatryoshkaLoss(new InfoNceLoss(), [8, 2, 4]);

        Assert.Equal([2, 4, 8], loss.Dimensions);
        Assert.Equal([1f, 1f, 1f], loss.Weights);
    }

    [Theory]
    [InlineData(new[] { 1f }, "1 weights were given for the 2 dimensions 2, 4")]
    [InlineData(new[] { 1f, 1f, 1f }, "3 weights")]
    [InlineData(new[] { 1f, -1f }, "not negative")]
    [InlineData(new[] { 1f, float.NaN }, "finite")]
    [InlineData(new[] { float.PositiveInfinity, 1f }, "finite")]
    [InlineData(new[] { 0f, 0f }, "not all 0")]
    public void Constructor_WeightsThatDoNotFit_ErrorSaysWhy(float[] weights, string expected)
    {
        var e = Assert.Throws<ArgumentException>(() => new MatryoshkaLoss(new InfoNceLoss(), [2, 4], weights));

        Assert.Equal("weights", e.ParamName);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_WeightOfZero_LeavesThatDimensionOut()
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(LossKind.InfoNce, 5, 8, [2, 8], ScalarType.Float64, seed: 1);

        double value = new MatryoshkaLoss(new InfoNceLoss(), [2, 8], [0, 3]).Forward(losses.CreateBatch()).item<double>();

        Assert.Equal(3 * losses.PlainValue(8), value, 1e-10);
    }

    [Fact]
    public void Forward_EmbeddingsNarrowerThanTheLargestDimension_ErrorNamesBoth()
    {
        using DisposeScope scope = NewDisposeScope();
        var loss = new MatryoshkaLoss(new InfoNceLoss(), [2, 9]);
        EmbeddingBatch batch = new LossCase(LossKind.InfoNce, 3, 8, [8], ScalarType.Float32, seed: 1).CreateBatch();

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => loss.Forward(batch));

        Assert.Contains("Cannot nest 2, 9: the embeddings have 8 values", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Forward_LossOfOnesOwn_SeesEveryCutAtTheLengthItAskedFor(bool unitLength)
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new LossCase(LossKind.InfoNceWithNegatives, 3, 8, [8], ScalarType.Float64, seed: 2).CreateBatch();
        using var inner = new Watching(unitLength);

        double value = new MatryoshkaLoss(inner, [3, 5, 8], [1, 2, 3]).Forward(batch).item<double>();

        Assert.Equal([3, 5, 8], inner.Seen.Select(b => b.Dimensions));
        Assert.Equal(1 * 3 + 2 * 5 + 3 * 8, value);
        Assert.All(inner.Seen, cut => Assert.All(new[] { cut.Anchors, cut.Positives!, cut.Negatives! }, part =>
        {
            double[] squares = LossCase.Values(part.mul(part).sum(1));
            Assert.All(squares, square => Assert.Equal(unitLength, Math.Abs(square - 1) < 1e-12));
        }));
        Assert.All(inner.Seen, cut => Assert.Same(batch.Labels, cut.Labels));
    }

    [Fact]
    public void Forward_LossOfOnesOwn_ZeroRowStaysZero()
    {
        using DisposeScope scope = NewDisposeScope();
        using var inner = new Watching(unitLength: true);

        new MatryoshkaLoss(inner, [1, 2]).Forward(new EmbeddingBatch { Anchors = zeros(2, 3) });

        Assert.All(inner.Seen, cut => Assert.All(LossCase.Values(cut.Anchors), value => Assert.Equal(0, value)));
    }

    [Fact]
    public void Dispose_LossOfOnesOwn_FreesWhatItHolds()
    {
        var inner = new Watching(unitLength: true);

        new MatryoshkaLoss(inner, [1]).Dispose();

        Assert.True(inner.IsDisposed);
    }

    [Fact]
    public void Parameters_OfASoftmaxLoss_AreTheInnerOnes()
    {
        using var inner = new SoftmaxLoss([2, 4], 3);

        Assert.Equal(inner.Parameters.Select(p => p.shape), new MatryoshkaLoss(inner, [2, 4]).Parameters.Select(p => p.shape));
        Assert.Equal(4, inner.Parameters.Count());
    }

    [Fact]
    public void SoftmaxLoss_WidthWithoutAClassifier_ErrorListsThoseThereAre()
    {
        using DisposeScope scope = NewDisposeScope();
        using var loss = new SoftmaxLoss([2, 4], 3);

        var e = Assert.Throws<ArgumentException>(
            () => loss.Forward(new EmbeddingBatch { Anchors = zeros(2, 3), Labels = zeros(2, ScalarType.Int64) }));

        Assert.Contains("classifier for width 3. The loss has classifiers for the widths 2, 4", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SoftmaxLosses_FewerThanTwoClasses_Refused()
    {
        Assert.Equal("classes", Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxLoss([2], 1)).ParamName);
        Assert.Equal("classes", Assert.Throws<ArgumentOutOfRangeException>(() => new SharedSoftmaxLoss(2, 1)).ParamName);
        Assert.Equal("width", Assert.Throws<ArgumentOutOfRangeException>(() => new SharedSoftmaxLoss(0, 2)).ParamName);
        Assert.Equal("classes", Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSoftmaxLoss(2, 1)).ParamName);
        Assert.Equal("width", Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSoftmaxLoss(0, 2)).ParamName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Temperature_NotANumberAboveZero_Refused(double temperature)
    {
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => new InfoNceLoss(temperature)).ParamName);
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => new CoSentLoss(temperature)).ParamName);
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSoftmaxLoss(4, 2, temperature)).ParamName);
    }

    [Fact]
    public void CoSentLoss_EqualScores_ZeroAndNoGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new EmbeddingBatch(
            new LossCase(LossKind.CoSent, 4, 5, [5], ScalarType.Float32, seed: 3).CreateBatch()) { Scores = ones(4) };

        Tensor value = new CoSentLoss().Forward(batch);
        value.backward();

        Assert.Equal(0f, value.item<float>());
        Assert.All(LossCase.Values(batch.Anchors.grad!), g => Assert.Equal(0, g));
    }

    /// <summary>Keeps what it is given; its value is the width.</summary>
    private sealed class Watching(bool unitLength) : EmbeddingLoss
    {
        public List<EmbeddingBatch> Seen { get; } = [];

        public bool IsDisposed { get; private set; }

        public override bool UnitLength => unitLength;

        public override Tensor Forward(EmbeddingBatch batch)
        {
            Seen.Add(batch);
            return tensor((double)batch.Dimensions);
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
