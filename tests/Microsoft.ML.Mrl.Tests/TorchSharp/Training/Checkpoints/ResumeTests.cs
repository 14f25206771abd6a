using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class ResumeTests : IDisposable
{
    private static readonly Example[] s_rows = Synthetic.Classes(300, 6, seed: 3);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mrl-resume-{Guid.NewGuid():N}");
    private readonly List<string> _log = [];

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(12)]
    public void Fit_CancelledAndResumed_GivesTheBytesOfOneThatWasNot(int cancelAtStep)
    {
        byte[] whole = Bytes(Fit(Options() with { CheckpointFolder = null }));
        Assert.True(FitAndCancel(Options(), cancelAtStep).Training!.Cancelled);

        EmbeddingHead resumed = Fit(Options() with { Resume = ResumeMode.Required });

        Assert.Equal(whole, Bytes(resumed));
        Assert.Contains(_log, line => line.StartsWith("Going on from", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_InterruptedAgainAndAgain_GivesTheSameBytes()
    {
        EmbeddingHead whole = Fit(Options() with { CheckpointFolder = null });
        for (int step = 2; step <= 14; step += 3)
        {
            FitAndCancel(Options(), step);
        }

        // What is left is to score the last epoch, which here is the best.
        Assert.Equal(5, whole.Training!.BestEpoch);
        Assert.Equal(Bytes(whole), Bytes(Fit(Options())));
    }

    [Fact]
    public void Fit_WithCheckpoints_KeepsTheLastTwoAndNothingElse()
    {
        Fit(Options());

        Assert.Equal(["mrl-step-0000000014.checkpoint", "mrl-step-0000000015.checkpoint"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Fit_NewestCheckpointDamaged_GoesOnFromTheOneBefore()
    {
        byte[] whole = Bytes(Fit(Options() with { CheckpointFolder = null }));
        FitAndCancel(Options(), 7);
        string newest = Directory.GetFiles(_folder).Order().Last();
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(newest, bytes);

        Assert.Equal(whole, Bytes(Fit(Options() with { Resume = ResumeMode.Required })));
    }

    [Fact]
    public void Fit_AllCheckpointsCutShort_SaysWhyAndBeginsAnewOrThrows()
    {
        byte[] whole = Bytes(Fit(Options() with { CheckpointFolder = null }));
        FitAndCancel(Options(), 7);
        foreach (string file in Directory.GetFiles(_folder))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^5]);
        }

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options() with { Resume = ResumeMode.Required }));
        Assert.Contains("cut short or damaged", error.Message, StringComparison.Ordinal);
        Assert.Equal(whole, Bytes(Fit(Options())));
        Assert.Contains(_log, line => line.StartsWith("The training begins anew", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_CheckpointOfOtherOptions_NamesTheDifference()
    {
        FitAndCancel(Options(), 4);

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options() with { Resume = ResumeMode.Required, LearningRate = 0.5 }));

        Assert.Contains("it says \"learning rate 0.02\", now it is \"learning rate 0.5\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointOfAnotherLoss_NamesTheDifference()
    {
        FitAndCancel(Options(), 4);

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options() with { Resume = ResumeMode.Required, Objective = MrlObjective.Classification("Label", labelSmoothing: 0.1) }));

        Assert.Contains("it says \"objective Classification(Label), smoothing 0\", now it is \"objective Classification(Label), smoothing 0.1\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointOfAnotherStart_NamesTheDifference()
    {
        FitAndCancel(Options(), 4);

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options() with { Resume = ResumeMode.Required, StartingPoint = StartingPoint.Identity }));

        Assert.Contains("it says \"head Linear from Pca\", now it is \"head Linear from Identity\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointOfOtherData_IsRefused()
    {
        FitAndCancel(Options(), 4);

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options() with { Resume = ResumeMode.Required }, Synthetic.Classes(300, 6, seed: 4)));

        Assert.Contains("it says \"data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_RequiredWithoutAny_SaysSo()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options() with { Resume = ResumeMode.Required }));

        Assert.Contains("holds no checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ResumeNever_BeginsAnew()
    {
        FitAndCancel(Options(), 4);

        Fit(Options() with { Resume = ResumeMode.Never });

        Assert.DoesNotContain(_log, line => line.StartsWith("Going on from", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_TrainTimeUp_ReturnsTheBestSoFarAndIsNotCancelled()
    {
        TrainingSummary summary = Fit(Options() with { CheckpointFolder = null, Epochs = 1_000_000, Patience = 1_000_000, TrainTime = TimeSpan.FromMilliseconds(300) }).Training!;

        Assert.False(summary.Cancelled);
        Assert.InRange(summary.Epochs, 1, 999_999);
    }

    [Fact]
    public void Fit_WrongCheckpointOptions_AreReportedAtOnce()
    {
        var error = Assert.Throws<ArgumentException>(() => Fit(Options() with { CheckpointFolder = null, Resume = ResumeMode.Required, CheckpointEvery = 0, TrainTime = TimeSpan.Zero }));

        Assert.Contains("CheckpointEvery is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("TrainTime is 00:00:00", error.Message, StringComparison.Ordinal);
        Assert.Contains("Resume is required without a CheckpointFolder", error.Message, StringComparison.Ordinal);
    }

    private MrlFineTuneOptions Options() => new()
    {
        OutputColumnName = "Embedding",
        InputColumnName = nameof(Example.Input),
        Objective = MrlObjective.Classification(),
        BatchSize = 90,
        Epochs = 5,
        Seed = 7,
        CheckpointFolder = _folder,
        CheckpointEvery = 1,
    };

    private EmbeddingHead Fit(MrlFineTuneOptions options, Example[]? rows = null, IProgress<MrlProgress>? progress = null, CancellationToken cancellation = default)
    {
        var context = new MLContext();
        context.Log += (_, e) => _log.Add(e.RawMessage);
        IDataView view = Example.View(context, rows ?? s_rows, Synthetic.Width, nameof(Example.Input), nameof(Example.Label));
        return context.Transforms.MrlFineTune(options).Fit(view, null, progress, cancellation).Head;
    }

    private EmbeddingHead FitAndCancel(MrlFineTuneOptions options, int step)
    {
        using var cancellation = new CancellationTokenSource();
        var after = new CancelAfter(step, cancellation);
        return Fit(options, null, after, cancellation.Token);
    }

    private static byte[] Bytes(EmbeddingHead head)
    {
        using var stream = new MemoryStream();
        head.Save(stream);
        return stream.ToArray();
    }
}
