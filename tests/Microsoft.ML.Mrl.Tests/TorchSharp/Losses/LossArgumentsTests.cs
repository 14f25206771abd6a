using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>What losses refuse, and where they have nothing to say.</summary>
[Collection(TorchCollection.Name)]
public class LossArgumentsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void Temperature_NotANumberAboveZero_Refused(double temperature)
    {
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => new AnglELoss(temperature)).ParamName);
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => new SameLabelLoss(temperature)).ParamName);
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => new DistillationLoss(temperature)).ParamName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(2.1)]
    [InlineData(double.NaN)]
    public void TripletLoss_MarginThatIsNoDifferenceOfCosines_Refused(double margin) =>
        Assert.Equal("margin", Assert.Throws<ArgumentOutOfRangeException>(() => new TripletLoss(margin)).ParamName);

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void LabelSmoothing_NotAShare_Refused(double smoothing)
    {
        Assert.Equal(
            "labelSmoothing",
            Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxLoss([2], 2, labelSmoothing: smoothing)).ParamName);
        Assert.Equal(
            "labelSmoothing",
            Assert.Throws<ArgumentOutOfRangeException>(() => new SharedSoftmaxLoss(2, 2, labelSmoothing: smoothing)).ParamName);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 0)]
    [InlineData(0, double.PositiveInfinity)]
    [InlineData(double.NaN, 1)]
    public void CosineMseLoss_ScoresWithoutARange_Refused(double minimum, double maximum) =>
        Assert.Equal("maximumScore", Assert.Throws<ArgumentOutOfRangeException>(() => new CosineMseLoss(minimum, maximum)).ParamName);

    [Fact]
    public void InfoNceLoss_UnknownDirectionOrMargin_Refused()
    {
        Assert.Equal(
            "direction", Assert.Throws<ArgumentOutOfRangeException>(() => new InfoNceLoss(direction: (ContrastDirection)9)).ParamName);
        Assert.Equal(
            "similarityMargin", Assert.Throws<ArgumentOutOfRangeException>(() => new InfoNceLoss(similarityMargin: 2.5)).ParamName);
        Assert.Equal(
            "similarityMargin", Assert.Throws<ArgumentOutOfRangeException>(() => new InfoNceLoss(similarityMargin: double.NaN)).ParamName);
    }

    [Theory]
    [InlineData(ContrastDirection.OneWay)]
    [InlineData(ContrastDirection.Symmetric)]
    public void InfoNceLoss_EveryCandidateAFalseNegative_Zero(ContrastDirection direction)
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new LossCase(LossKind.InfoNceWithNegatives, 4, 5, [5], ScalarType.Float32, seed: 1).CreateBatch();

        Tensor value = new MatryoshkaLoss(new InfoNceLoss(direction: direction), [2, 5])
            .Forward(new EmbeddingBatch(batch) { FalseNegatives = ones(4, 12, ScalarType.Bool) });
        value.backward();

        Assert.Equal(0, value.item<float>());
        Assert.All(LossCase.Values(batch.Anchors.grad!), g => Assert.Equal(0, g));
    }

    [Fact]
    public void InfoNceLoss_MarginOfTwo_ExcludesNothing_MarginOfMinusTwo_Everything()
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(LossKind.InfoNceWithNegatives, 4, 5, [2, 5], ScalarType.Float64, seed: 2);

        Assert.Equal(
            losses.Dimensions.Sum(losses.PlainValue),
            new MatryoshkaLoss(new InfoNceLoss(similarityMargin: 2), [2, 5]).Forward(losses.CreateBatch()).item<double>(), 1e-10);
        Assert.Equal(
            0, new MatryoshkaLoss(new InfoNceLoss(similarityMargin: -2), [2, 5]).Forward(losses.CreateBatch()).item<double>(), 1e-10);
    }

    [Fact]
    public void SameLabelLoss_NoTwoRowsOfAClass_ZeroAndNoGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new EmbeddingBatch(
            new LossCase(LossKind.SameLabel, 4, 5, [5], ScalarType.Float32, seed: 3)
            .CreateBatch()) { Labels = tensor(new long[] { 3, 0, 2, 1 }) };

        Tensor value = new SameLabelLoss().Forward(batch);
        value.backward();

        Assert.Equal(0, value.item<float>());
        Assert.All(LossCase.Values(batch.Anchors.grad!), g => Assert.Equal(0, g));
    }

    [Fact]
    public void SameLabelLoss_RowWithoutAPartner_AddsNoTermButIsToldApart()
    {
        using DisposeScope scope = NewDisposeScope();
        // Two rows of class 0 at a right angle to each other; the third, of class 1, is opposite to the first.
        var batch =
            new EmbeddingBatch { Anchors = tensor(new double[] { 1, 0, 0, 1, -1, 0 }, [3, 2]), Labels = tensor(new long[] { 0, 0, 1 }) };

        // Row 0: log(e^0 + e^-1) − 0; row 1: log(e^0 + e^0) − 0; row 2: nothing.
        Assert.Equal(
            (Math.Log(1 + Math.Exp(-1)) + Math.Log(2)) / 2, new SameLabelLoss(temperature: 1).Forward(batch).item<double>(), 1e-12);
    }

    [Fact]
    public void WeightedLoss_PartsWithParameters_AreLearnedAndDisposed()
    {
        var softmax = new SoftmaxLoss([2, 4], 3);
        var weighted = new WeightedLoss([new(softmax, 1, false), new(new InfoNceLoss(), 1, false)]);

        Assert.Equal(4, weighted.Parameters.Count());
        weighted.Dispose();
        Assert.All(softmax.Parameters, parameter => Assert.True(parameter.IsInvalid));
    }
}
