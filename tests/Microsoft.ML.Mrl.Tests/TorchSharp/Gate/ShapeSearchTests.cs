using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Gate;

/// <summary>What is made of learned weights, where the scores are made up.</summary>
public class ShapeSearchTests
{
    [Fact]
    public void Run_BestIsAMixture_IsFoundAmongFewMeasured()
    {
        // Half way is best at short prefixes, the start at long ones; 16 values of 0.7 times the length hand over best.
        CandidateShape wanted = new(0.5, 16, 0.7);

        IReadOnlyList<LearnedCandidate> found = Run(transfer: false, shape => shape.Columns is null ? 1 - Math.Abs(shape.Share - 0.25)
            : 2 - Math.Abs(shape.Share - 0.5) - Math.Abs(Math.Log2(shape.Columns.Value / 16.0)) - Math.Abs(shape.Scale - 0.7));

        Assert.Equal(wanted, found.MaxBy(c => c.Worth)!.Shape);
        Assert.InRange(found.Count, 10, 14);
        Assert.Equal(found.Count, found.Select(c => c.Shape).Distinct().Count());
        Assert.All(found, c => Assert.True(c.Shape.Columns is null or <= 32));
    }

    [Fact]
    public void Run_Transfer_KeepsAQuarterAtMostAndShorterThanTheStart()
    {
        IReadOnlyList<LearnedCandidate> found = Run(transfer: true, shape => shape.Scale);

        CandidateShape[] behind = [.. found.Select(c => c.Shape).Where(shape => shape.Columns is not null)];
        Assert.NotEmpty(behind);
        Assert.All(behind, shape => Assert.True(shape is { Columns: <= 16, Scale: 0.7 or 0.5 }));
    }

    [Fact]
    public void Run_StartCannotComeBehind_OnlyBlends()
    {
        IReadOnlyList<LearnedCandidate> found = Run(transfer: false, shape => shape.Share, canPutStartBehind: false);

        Assert.Equal([1, 0.75, 0.5, 0.25], found.Select(c => c.Shape.Share));
        Assert.All(found, c => Assert.Null(c.Shape.Columns));
    }

    [Fact]
    public void RunOnClosedForm_AsItIsAndTurnedBehindEachOfTheShorterPrefixes()
    {
        IReadOnlyList<LearnedCandidate> found = Search(transfer: false, shape => shape.Share).RunOnClosedForm(canTurn: true);

        Assert.Equal(
            [CandidateShape.Learned, .. new[] { 8, 16, 32 }.Select(c => new CandidateShape(1, c) { IsTurned = true })],
            found.Select(c => c.Shape));
    }

    private static IReadOnlyList<LearnedCandidate> Run(bool transfer, Func<CandidateShape, double> worth, bool canPutStartBehind = true) =>
        Search(transfer, worth).Run(canPutStartBehind);

    private static ShapeSearch Search(bool transfer, Func<CandidateShape, double> worth)
    {
        TrainingPlan plan = TrainingPlan.For(
            new MrlFineTuneOptions
            {
                OutputColumnName = "Embedding", Objective = MrlObjective.Classification(), Dimensions = [8, 16, 32, 64],
                Transfer = transfer,
            },
            64, seed: 1);
        var run = new TrainedRun("", new NoScores(), [], 1, new BestHead());
        return new ShapeSearch(plan, shape => new LearnedCandidate(run, shape, () => [], ScoresOf(shape), null, worth(shape)));

        // Half way is best at short prefixes, a quarter at the longest.
        static double[] ScoresOf(CandidateShape shape) =>
            [.. new[] { 0.5, 0.5, 0.5, 0.25 }.Select(best => 1 - Math.Abs(shape.Share - best))];
    }

    private sealed class NoScores : IHeldOutScores
    {
        public Microsoft.ML.Mrl.Resampling.ResampledMetric? ScoreRows(TrainingWinner candidate, float[][]? weights) => null;

        public double[] Of(float[][] weights) => [];
    }
}
