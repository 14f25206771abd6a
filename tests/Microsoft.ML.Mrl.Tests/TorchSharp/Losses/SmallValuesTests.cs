using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>Three pairs of four values whose cosines and losses were worked out apart from this library.</summary>
[Collection(TorchCollection.Name)]
public class SmallValuesTests
{
    private static readonly double[] s_anchors = [.9, .1, -.4, .3, -.2, .8, .5, -.1, .3, -.7, .6, .2];
    private static readonly double[] s_positives = [.5, .4, .1, -.2, -.1, .3, .6, .4, .4, -.2, .5, .3];

    [Fact]
    public void OfRows_ThreePairs_GivesTheKnownCosines()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = Batch();

        Tensor[] cosines = NestedCosines.OfRows(batch.Anchors, batch.Positives!, [2, 4]);

        AssertNear([.8450788361, .9970544855, .7633862854], LossCase.Values(cosines[0]));
        AssertNear([.5558963242, .6811512722, .8522789688], LossCase.Values(cosines[1]));
    }

    [Fact]
    public void OfAllPairs_ThreePairs_HasTheKnownCosinesOnItsDiagonal()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = Batch();

        Tensor[] cosines = NestedCosines.OfAllPairs(batch.Anchors, batch.Positives!, [2, 4]);

        AssertNear([.8450788361, .9970544855, .7633862854], LossCase.Values(cosines[0].diagonal()));
        AssertNear([.5558963242, .6811512722, .8522789688], LossCase.Values(cosines[1].diagonal()));
    }

    [Theory]
    [InlineData(4, 0.0048224507)]
    [InlineData(2, 0.2131953322)]
    public void InfoNce_AtOneWidth_GivesTheKnownValue(int m, double expected)
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal(expected, new InfoNceLoss().Forward(Batch().Cut(m, unitLength: true)).item<double>(), 1e-9);
    }

    [Fact]
    public void InfoNce_Nested_GivesTheKnownSum()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal(0.2180177829, new MatryoshkaLoss(new InfoNceLoss(), [4, 2]).Forward(Batch()).item<double>(), 1e-9);
    }

    [Fact]
    public void CosineSoftmax_PositivesAsTheVectorsOfTheClasses_GivesTheKnownSum()
    {
        using DisposeScope scope = NewDisposeScope();
        using var loss = new CosineSoftmaxLoss(4, 3, dtype: ScalarType.Float64);
        using (no_grad())
        {
            loss.Parameters.Single().copy_(tensor(s_positives, [3, 4]));
        }
        var batch = new EmbeddingBatch(Batch()) { Labels = tensor(new long[] { 0, 1, 2 }) };

        Assert.Equal(0.2180177829, new MatryoshkaLoss(loss, [4, 2]).Forward(batch).item<double>(), 1e-9);
    }

    [Fact]
    public void InfoNce_HigherTemperature_LessSharp()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = Batch();

        Assert.Equal(
            PlainLoss.InfoNce(s_anchors, s_positives, 4, 4, scale: 2), new InfoNceLoss(temperature: 0.5).Forward(batch).item<double>(),
            1e-10);
    }

    private static EmbeddingBatch Batch() => new() { Anchors = tensor(s_anchors, [3, 4]), Positives = tensor(s_positives, [3, 4]) };

    private static void AssertNear(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-9);
        }
    }
}
