using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>The loop, over something that learns nothing and notes what it is told.</summary>
public sealed class TrainingLoopTests : IDisposable
{
    private const int Rows = 40;
    private const double Highest = 0.5;

    private readonly ExampleSet _examples = new()
    {
        Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = RowsOf.Dense(new float[Rows * 2], Rows, 2) },
        Labels = new int[Rows],
        Classes = 2,
    };

    private readonly MLContext _mlContext = new();

    public void Dispose() => _examples.Dispose();

    [Fact]
    public void Run_LossThatIsNoNumber_HalvesTheRateOfEveryStepAfterIt()
    {
        double[] undisturbed = Rates([]);
        double[] disturbed = Rates([2, 5]);

        Assert.Equal(10, undisturbed.Length);
        Assert.Equal(undisturbed.Select((rate, step) => rate * (step <= 2 ? 1 : step <= 5 ? 0.5 : 0.25)), disturbed);
        Assert.All(undisturbed, rate => Assert.InRange(rate, 1e-9, Highest));
    }

    [Fact]
    public void Run_LossThatStaysNoNumber_EndsAfterTheSixthStepAndSaysSo()
    {
        var warnings = new List<string>();
        _mlContext.Log += (_, e) => warnings.Add(e.Message);

        Assert.Equal(6, Rates([.. Enumerable.Range(0, 10)]).Length);

        Assert.Contains(warnings, message => message.Contains("The loss stopped being a number 6 times", StringComparison.Ordinal));
    }

    /// <summary>The learning rate of every step, of which some have no loss.</summary>
    private double[] Rates(int[] bad)
    {
        var options =
            new MrlFineTuneOptions { OutputColumnName = "Embedding", InputColumnName = "Features",
            Objective = MrlObjective.Classification(), BatchSize = 8, ValidationFraction = 0 };
        TrainingPlan plan = TrainingPlan.For(options, 2, 1);
        var split = new ExampleSplit([.. Enumerable.Range(0, Rows)], []);
        var noted = new Noted(new TrainingTask(plan, _examples, split, ScoringRows.Choose(split, new Random(0))), bad);
        using var log = new MrlLog(((Microsoft.ML.Runtime.IHostEnvironment)_mlContext).Register("test"), "test");
        var loop = new TrainingLoop(
            noted, new HeldOutScores(noted), new TrainingStage("", Highest, Epochs: 2, Checkpoints: null), ResumeMode.Never, log,
            new ProgressReporter(null, 2, 10), TestContext.Current.CancellationToken);
        loop.Run([]);
        return [.. noted.Rates];
    }

    private sealed class Noted(TrainingTask task, int[] bad) : ITrained
    {
        public List<double> Rates { get; } = [];

        public TrainingTask Task => task;

        public MatryoshkaLoss Loss => throw new NotSupportedException();

        public BatchBuilder Batches { get; } = task.CreateBatches(1);

        public IReadOnlyList<IOptimizerState> Optimizers => [];

        public IEmbeddingSource Learned => null!;

        public IEmbeddingSource Pca => null!;

        public double Step(ReadOnlySpan<int> rows, double learningRate, int step)
        {
            Rates.Add(learningRate);
            return bad.Contains(step) ? double.NaN : 1;
        }

        public float[][] TakeWeights() => [];

        public void PutWeights(float[][] weights)
        {
        }
    }
}
