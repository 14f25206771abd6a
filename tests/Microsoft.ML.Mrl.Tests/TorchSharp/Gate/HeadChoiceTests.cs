using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Gate;

/// <summary>Which of several learned candidates is wanted, from made-up values of 200 rows at two dimensions.</summary>
[Collection(TorchCollection.Name)]
public sealed class HeadChoiceTests : IDisposable
{
    private const int Held = 200;

    private readonly ExampleSet _examples;

    public HeadChoiceTests()
    {
        var context = new MLContext();
        _examples = ExampleReader.Read(
            Example.View(context, Synthetic.Classes(Held + 10, 5, seed: 1), Synthetic.Width, "Input", "Label"), "Input",
            MrlObjective.Classification().Columns, CancellationToken.None);
    }

    public void Dispose() => _examples.Dispose();

    [Fact]
    public void Choose_LongLeadAtFewValues_BeforeShortSureLeadsEverywhere()
    {
        // Of 200 rows raw and PCA get 100 right at either dimension.
        MeanMetric longLead = Metric(right: [180, 101]), shortLeads = Metric(right: [116, 116]);

        Assert.Equal("long", Chosen(("short", shortLeads), ("long", longLead)));
    }

    [Fact]
    public void Choose_HarmByOneMeasureBehindALeadByTheOther_IsLessWanted()
    {
        // The first gives up 4 rows by one measure at the longer dimension and wins as many by the other.
        MeanMetric trades = Mixed(Metric(right: [170, 120]), Metric(right: [170, 96])),
        keeps = Mixed(Metric(right: [168, 106]), Metric(right: [168, 101]));

        Assert.Equal("keeps", Chosen(("trades", trades), ("keeps", keeps)));
    }

    [Fact]
    public void Choose_TheMostWantedIsHarmedBeyondNoise_TheNextIsReturned()
    {
        Assert.Equal("safe", Chosen(("harmed", Metric(right: [200, 70])), ("safe", Metric(right: [120, 102]))));
    }

    [Theory]
    [InlineData(0.0008, "start behind")]
    [InlineData(0.0012, "learned")]
    public void Sorted_WithTheStartBehind_ComesFirstWhereItCostsATrifle(double cost, string first)
    {
        var scores = new MetricScores(Metric(right: [100, 100]), Metric(right: [100, 100]));

        LearnedCandidate[] sorted = HeadChoice.Sorted(
        [
            Candidate("learned", new CandidateShape(1), 0.5), Candidate("worse", new CandidateShape(1, 4), 0.3),
            Candidate("start behind", new CandidateShape(1, 4), 0.5 - cost),
        ]);

        Assert.Equal(first, sorted[0].Run.Name);
        Assert.Equal("worse", sorted[2].Run.Name);

        LearnedCandidate Candidate(string name, CandidateShape shape, double worth) =>
            new(new TrainedRun(name, scores, [], 1, new BestHead()), shape, () => [], [], null, worth);
    }

    private string Chosen(params (string Name, MeanMetric Metric)[] candidates)
    {
        TrainingPlan plan = TrainingPlan.For(
            new MrlFineTuneOptions { OutputColumnName = "Embedding", Objective = MrlObjective.Classification(), Dimensions = [4, 24] },
            Synthetic.Width, seed: 1);
        MeanMetric baseline = Metric(right: [100, 100]);
        MetricScores[] measured = [
            .. candidates.Select(c => new MetricScores(c.Metric, c.Metric.Parts.Count > 0 ? Mixed(baseline, baseline) : baseline))];
        var choice = new HeadChoice(
            plan, _examples, new ScoringRows([.. Enumerable.Range(0, Held)], []), measured[0], baseline.Score(), baseline.Score());
        LearnedCandidate[] learned =
        [
            .. candidates.Select(
                (c, i) => choice.Measure(new TrainedRun(c.Name, measured[i], [], 1, new BestHead()), new CandidateShape(1), () => [])),
        ];

        (HeadVerdict verdict, LearnedCandidate? candidate) = choice.Choose(learned);

        Assert.Equal(TrainingWinner.Learned, verdict.Winner);
        return candidate!.Run.Name;
    }

    /// <summary>An accuracy that gets the first rows right, so many at each dimension.</summary>
    private static MeanMetric Metric(int[] right) =>
        new([.. right.Select(count => Enumerable.Range(0, Held).Select(row => row < count ? 1f : 0f).ToArray())]);

    private static MeanMetric Mixed(MeanMetric first, MeanMetric second) => MeanMetric.Average(("one", first), ("other", second));

    private sealed class MetricScores(MeanMetric learned, MeanMetric baseline) : IHeldOutScores
    {
        public ResampledMetric? ScoreRows(TrainingWinner candidate, float[][]? weights) => candidate == TrainingWinner.Learned ? learned
            : baseline;

        public double[] Of(float[][] weights) => learned.Score();
    }
}
