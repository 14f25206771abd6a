using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Gate;

[Collection(TorchCollection.Name)]
public class BestHeadTests
{
    [Fact]
    public void Offer_BetterAndWorse_KeepsTheBetterWithItsWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHeadModule(eye(3, 2), zeros(2));
        var best = new BestHead();
        best.Offer(() => WeightCopies.Take(head.Weights), 0, [0.4, 0.6]);
        SetAll(head, 1);
        best.Offer(() => WeightCopies.Take(head.Weights), 1, [0.9, 0.3]);
        SetAll(head, 2);
        best.Offer(() => WeightCopies.Take(head.Weights), 2, [0.1, 0.9]);

        Assert.Equal(1, best.Epoch);
        Assert.Equal([0.9, 0.3], best.Scores);
        Assert.Equal(0.6, best.MeanScore, 1e-12);
        Assert.All(best.Weights.SelectMany(n => n), value => Assert.Equal(1f, value));
    }

    [Fact]
    public void Offer_NothingBeatsTheStart_KeepsItAndTheBestLearnedScoresBeside()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHeadModule(eye(3, 2), zeros(2));
        var best = new BestHead();
        best.Offer(() => WeightCopies.Take(head.Weights), 0, [0.5, 0.5]);
        SetAll(head, 1);
        best.Offer(() => WeightCopies.Take(head.Weights), 1, [0.2, 0.2]);
        best.Offer(() => WeightCopies.Take(head.Weights), 2, [0.3, 0.4]);
        SetAll(head, 2);
        best.Offer(() => WeightCopies.Take(head.Weights), 3, [0.1, 0.1]);

        Assert.Equal(0, best.Epoch);
        Assert.Equal([0.5, 0.5], best.Scores);
        Assert.Equal([0.3, 0.4], best.LearnedScores);
        Assert.All(best.Weights.SelectMany(n => n), value => Assert.Equal(1f, value));
    }

    [Fact]
    public void Offer_EqualScore_KeepsTheEarlier()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHeadModule(eye(3, 2), zeros(2));
        var best = new BestHead();
        best.Offer(() => WeightCopies.Take(head.Weights), 0, [0.5]);
        best.Offer(() => WeightCopies.Take(head.Weights), 1, [0.5]);

        Assert.Equal(0, best.Epoch);
    }

    [Fact]
    public void Offer_WithoutScores_KeepsTheLatest()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHeadModule(eye(3, 2), zeros(2));
        var best = new BestHead();
        best.Offer(() => WeightCopies.Take(head.Weights), 0, []);
        SetAll(head, 1);
        best.Offer(() => WeightCopies.Take(head.Weights), 1, []);

        Assert.Equal(1, best.Epoch);
        Assert.All(best.Weights.SelectMany(n => n), value => Assert.Equal(1f, value));
        Assert.True(double.IsNaN(best.MeanScore));
    }

    [Fact]
    public void Offer_ScoreNotANumber_NeverReplacesANumber()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHeadModule(eye(3, 2), zeros(2));
        var best = new BestHead();
        best.Offer(() => WeightCopies.Take(head.Weights), 0, [double.NaN]);
        best.Offer(() => WeightCopies.Take(head.Weights), 1, [-0.5]);
        best.Offer(() => WeightCopies.Take(head.Weights), 2, [double.NaN]);

        Assert.Equal(1, best.Epoch);
        Assert.Equal([-0.5], best.Scores);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Offer_WeightsNotFinite_Refused(int parameter)
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHeadModule(eye(3, 2), zeros(2));
        var best = new BestHead();
        best.Offer(() => WeightCopies.Take(head.Weights), 0, [0.1]);
        using (no_grad())
        {
            using Scalar infinity = double.PositiveInfinity;
            head.parameters().ElementAt(parameter).fill_(infinity);
        }
        best.Offer(() => WeightCopies.Take(head.Weights), 1, [0.9]);

        Assert.Equal(0, best.Epoch);
        Assert.Empty(best.Weights);
        Assert.Empty(best.LearnedScores);
    }

    private static void SetAll(LinearHeadModule head, float value)
    {
        using IDisposable gradients = no_grad();
        using Scalar scalar = value;
        foreach (Parameter parameter in head.parameters())
        {
            parameter.fill_(scalar);
        }
    }
}
