using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Gate;

/// <summary>Which principal components are compared with, from made-up values of 200 rows at two dimensions.</summary>
public class PcaChoiceTests
{
    private const int Rows = 200;

    private static readonly int[] s_units = [.. Enumerable.Range(0, Rows)];

    [Theory]
    [InlineData(100, 100, false)]
    // Of 200 rows one more is right at both dimensions, which is one standard error, or six, which is 2.5.
    [InlineData(101, 101, false)]
    [InlineData(106, 106, true)]
    [InlineData(100, 112, true)]
    [InlineData(80, 112, false)]
    public void Of_Labels_KeepsCosinesWhereThatIsAheadBeyondNoise(int atShort, int atLong, bool keeps) =>
        Assert.Equal(keeps, Chosen(Plan(MrlObjective.Classification()), s_units, [atShort, atLong]).PcaKeepsCentre);

    [Fact]
    public void Of_RowsThatBelongTogether_AreOneUnit()
    {
        int[] fifty = [.. Enumerable.Range(0, Rows).Select(row => row / 4)];

        // All that it is ahead by are one draw and a half of fifty.
        Assert.True(Chosen(Plan(MrlObjective.Classification()), s_units, [106, 106]).PcaKeepsCentre);
        Assert.False(Chosen(Plan(MrlObjective.Classification()), fifty, [106, 106]).PcaKeepsCentre);
    }

    [Fact]
    public void Of_FewerThanFiftyUnits_IsCentred()
    {
        int[] tooFew = [.. Enumerable.Range(0, Rows).Select(row => row % 49)];
        int[] enough = [.. Enumerable.Range(0, Rows).Select(row => row % 50)];

        Assert.False(Chosen(Plan(MrlObjective.Classification()), tooFew, [200, 200]).PcaKeepsCentre);
        Assert.True(Chosen(Plan(MrlObjective.Classification()), enough, [200, 200]).PcaKeepsCentre);
    }

    [Fact]
    public void Of_NoScoresOfRows_IsCentred() =>
        Assert.False(PcaChoice.Of(Plan(MrlObjective.Classification()), s_units, _ => null).PcaKeepsCentre);

    [Fact]
    public void Of_MeasuredByTheInputs_KeepsCosinesWithoutScores()
    {
        TrainingPlan plan = PcaChoice.Of(
            Plan(MrlObjective.Unsupervised()), s_units, _ => throw new InvalidOperationException("Nothing is to be chosen."));

        Assert.True(plan.PcaKeepsCentre);
    }

    private static TrainingPlan Chosen(TrainingPlan plan, int[] units, int[] rightWithCosines) =>
        PcaChoice.Of(plan, units, of => Metric(of.PcaKeepsCentre ? rightWithCosines : [100, 100]));

    private static TrainingPlan Plan(MrlObjective objective) => TrainingPlan.For(
        new MrlFineTuneOptions { OutputColumnName = "Embedding", Objective = objective, Dimensions = [4, 24] }, 24, seed: 1);

    /// <summary>An accuracy that gets the first rows right, so many at each dimension.</summary>
    private static MeanMetric Metric(int[] right) =>
        new([.. right.Select(count => Enumerable.Range(0, Rows).Select(row => row < count ? 1f : 0f).ToArray())]);
}
