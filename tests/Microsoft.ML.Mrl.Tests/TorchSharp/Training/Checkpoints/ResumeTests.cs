using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;
using Microsoft.ML.Runtime;

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

        string[] files = [.. Directory.GetFiles(_folder).Select(file => Path.GetFileName(file)).Order()];
        Assert.Equal(2, files.Length);
        Assert.Matches("^mrl-[0-9a-f]{12}-step-0000000014.checkpoint$", files[0]);
        Assert.Matches("^mrl-[0-9a-f]{12}-step-0000000015.checkpoint$", files[1]);
    }

    [Fact]
    public void Fit_FolderWithAnotherTrainingsFiles_SaysSoAndBothStay()
    {
        byte[] whole = Bytes(Fit(Options() with { CheckpointFolder = null, Seed = 8 }));
        Fit(Options());
        string[] others = Directory.GetFiles(_folder);

        FitAndCancel(Options() with { Seed = 8 }, 5);
        string[] after = Directory.GetFiles(_folder);

        Assert.Contains(_log, line => line.StartsWith("The training begins anew", StringComparison.Ordinal)
            && line.Contains("it says \"seed 7\", now it is \"seed 8\"", StringComparison.Ordinal));
        Assert.Contains(_log, line => line.Contains("also holds 2 checkpoints of other trainings", StringComparison.Ordinal));
        Assert.Equal(4, after.Length);
        Assert.Empty(others.Except(after));
        // Each goes on from its own.
        Assert.Equal(whole, Bytes(Fit(Options() with { Seed = 8, Resume = ResumeMode.Required })));
        Assert.Contains(_log, line => line.StartsWith("Going on from", StringComparison.Ordinal));
        Fit(Options() with { Resume = ResumeMode.Required });
        Assert.Equal(4, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void Fit_BegunAnewInAFolderWithLaterSteps_KeepsItsOwn()
    {
        Fit(Options());

        FitAndCancel(Options() with { Resume = ResumeMode.Never }, 5);

        string[] files = [.. Directory.GetFiles(_folder).Order()];
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.DoesNotContain("step-000000001", file, StringComparison.Ordinal));
        Assert.Equal(Bytes(Fit(Options() with { CheckpointFolder = null })), Bytes(Fit(Options() with { Resume = ResumeMode.Required })));
    }

    [Fact]
    public void Fit_FolderThatAnotherTrainingUses_IsRefused()
    {
        IOException? refusal = null;
        var second = new DuringEpoch(2, () => refusal = Assert.Throws<IOException>(() => Fit(Options() with { Seed = 8 })));

        EmbeddingHead first = Fit(Options(), progress: second);

        Assert.Contains($"Another training is writing checkpoints to '{_folder}'", refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(Bytes(Fit(Options() with { CheckpointFolder = null })), Bytes(first));
        Fit(Options() with { Seed = 8 });
        Assert.Equal(4, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void Fit_CheckpointsCannotBeWrittenForAWhile_GoesOnAndWarnsOnce()
    {
        string away = _folder + ".away";
        string[] before = [];
        var progress = new DuringEpoch(2, () =>
        {
            before = [.. Directory.GetFiles(_folder, "*.checkpoint").Select(file => Path.GetFileName(file))];
            Directory.Move(_folder, away);
            File.WriteAllText(_folder, "a file where the folder was");
        }, 4, () =>
        {
            Assert.Equal(before.Order(), Directory.GetFiles(away, "*.checkpoint").Select(file => Path.GetFileName(file)).Order());
            File.Delete(_folder);
            Directory.Move(away, _folder);
        });

        EmbeddingHead head = Fit(Options(), progress: progress);

        Assert.Equal(2, before.Length);
        Assert.Single(_log, line => line.Contains("A checkpoint could not be written", StringComparison.Ordinal));
        Assert.Equal(Bytes(Fit(Options() with { CheckpointFolder = null })), Bytes(head));
        string[] files = [.. Directory.GetFiles(_folder).Order()];
        Assert.Equal(2, files.Length);
        Assert.EndsWith("step-0000000015.checkpoint", files[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_DiskFullAtACheckpoint_LeavesNoLitterAndKeepsTheEarlierOnes()
    {
        Directory.CreateDirectory(_folder);
        var context = new MLContext();
        context.Log += (_, e) => _log.Add(e.RawMessage);
        using var log = new MrlLog(((IHostEnvironment)context).Register("test"), "test");
        using var store = new CheckpointStore(_folder, log);
        CheckpointFolder folder = store.Folder("");
        for (int step = 1; step <= 3; step++)
        {
            folder.Save("00", step, stream => stream.Write([1, 2, 3]));
        }

        for (int step = 4; step <= 5; step++)
        {
            folder.Save("00", step, stream =>
            {
                stream.Write(new byte[100_000]);
                throw new IOException("No space left on device.");
            });
        }

        Assert.Equal(
            ["mrl-00-step-0000000002.checkpoint", "mrl-00-step-0000000003.checkpoint"],
            Directory.GetFiles(_folder, "mrl*").Select(file => Path.GetFileName(file)).Order());
        Assert.Single(_log, line => line.Contains("No space left on device.", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_AfterAKilledTraining_RemovesWhatItLeft()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "mrl-0123456789ab-step-0000000003.checkpoint.part"), "half");
        File.WriteAllText(Path.Combine(_folder, ".mrl.lock"), "");

        Fit(Options());

        Assert.Equal(2, Directory.GetFiles(_folder).Length);
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

        var error = Assert.Throws<InvalidOperationException>(
            () => Fit(Options() with { Resume = ResumeMode.Required, LearningRate = 0.5 }));

        Assert.Contains("it says \"learning rate 0.02\", now it is \"learning rate 0.5\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointOfAnotherLoss_NamesTheDifference()
    {
        FitAndCancel(Options(), 4);

        var error = Assert.Throws<InvalidOperationException>(
            () => Fit(
                Options() with { Resume = ResumeMode.Required, Objective = MrlObjective.Classification("Label", labelSmoothing: 0.1) }));

        Assert.Contains(
            "it says \"objective Classification(Label), smoothing 0\", now it is \"objective Classification(Label), smoothing 0.1\"",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointOfAnotherStart_NamesTheDifference()
    {
        FitAndCancel(Options(), 4);

        var error = Assert.Throws<InvalidOperationException>(
            () => Fit(Options() with { Resume = ResumeMode.Required, StartingPoint = StartingPoint.Identity }));

        Assert.Contains(
            "it says \"head Linear from Pca\", now it is \"head Linear from Identity\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointOfOtherData_IsRefused()
    {
        FitAndCancel(Options(), 4);

        var error = Assert.Throws<InvalidOperationException>(
            () => Fit(Options() with { Resume = ResumeMode.Required }, Synthetic.Classes(300, 6, seed: 4)));

        Assert.Contains("it says \"data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_RequiredWithoutAny_SaysSo()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options() with { Resume = ResumeMode.Required }));

        Assert.Contains("holds no checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_FewRowsEndedWhileItChose_RequiredChoosesAgainAndGivesTheSameBytes()
    {
        MrlFineTuneOptions open = Open();
        byte[] whole = Bytes(Fit(open with { CheckpointFolder = null }));
        Assert.StartsWith(
            "The training was ended before it could choose", FitAndCancel(open, 3).Training!.Verdict, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder, "*.checkpoint"));
        Assert.Single(Directory.GetFiles(_folder, "*.training"));

        Assert.Equal(whole, Bytes(Fit(open with { Resume = ResumeMode.Required })));

        // And once more, from the checkpoint that there is now.
        Assert.Equal(whole, Bytes(Fit(open with { Resume = ResumeMode.Required })));
        Assert.Contains(_log, line => line.StartsWith("Going on from", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_FewRowsNeverBegun_RequiredSaysSoAtOnce()
    {
        var steps = new HeardProgress();

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Open() with { Resume = ResumeMode.Required }, progress: steps));

        Assert.Contains(
            "holds no checkpoint of this training, and none that was ended before its first checkpoint", error.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain(steps.All, report => report.Phase == MrlPhase.Training);
        Assert.Empty(Directory.GetFiles(_folder, "*.training"));
    }

    [Fact]
    public void Fit_FewRowsOfAnotherTraining_RequiredNamesTheDifference()
    {
        FitAndCancel(Open(), 3);

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Open() with { Resume = ResumeMode.Required, Seed = 8 }));

        Assert.Contains("is of another one: it says \"seed 7\", now it is \"seed 8\"", error.Message, StringComparison.Ordinal);
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
        TrainingSummary summary = Fit(
            Options() with { CheckpointFolder = null, Epochs = 1_000_000, Patience = 1_000_000,
            TrainTime = TimeSpan.FromMilliseconds(300) }).Training!;

        Assert.False(summary.Cancelled);
        Assert.InRange(summary.Epochs, 1, 999_999);
    }

    [Fact]
    public void Fit_WrongCheckpointOptions_AreReportedAtOnce()
    {
        var error = Assert.Throws<ArgumentException>(
            () => Fit(
                Options() with { CheckpointFolder = null, Resume = ResumeMode.Required, CheckpointEvery = 0, TrainTime = TimeSpan.Zero }));

        Assert.Contains("CheckpointEvery is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("TrainTime is 00:00:00", error.Message, StringComparison.Ordinal);
        Assert.Contains("Resume is required without a CheckpointFolder", error.Message, StringComparison.Ordinal);
    }

    /// <summary>With choices left open, so that every row is held back once.</summary>
    private MrlFineTuneOptions Open() => Options() with { LearningRate = null, Head = null, Epochs = 6 };

    private MrlFineTuneOptions Options() => new()
    {
        LearningRate = 0.02,
        Head = HeadKind.Linear,
        OutputColumnName = "Embedding",
        InputColumnName = nameof(Example.Input),
        Objective = MrlObjective.Classification(),
        BatchSize = 90,
        Epochs = 5,
        Seed = 7,
        CheckpointFolder = _folder,
        CheckpointEvery = 1,
    };

    private EmbeddingHead Fit(
        MrlFineTuneOptions options, Example[]? rows = null, IProgress<MrlProgress>? progress = null,
        CancellationToken cancellation = default)
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
