using Microsoft.ML.Mrl.Tests.Text;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Checkpoints;

/// <summary>Trainings of encoders that go on from a checkpoint.</summary>
[Collection(TorchCollection.Name)]
public sealed class ResumeEncoderTests : IDisposable
{
    private static readonly Sentences[] s_rows = Sentences.Classes(100, 4, seed: 3);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, int> Interruptions =>
        new(from kind in new[] { "static", "transformer" } from step in new[] { 1, 3, 4, 7, 9 } select (kind, step));

    [Theory]
    [MemberData(nameof(Interruptions))]
    public void Fit_CancelledAndResumed_GivesTheBytesOfOneThatWasNot(string kind, int cancelAtStep)
    {
        MrlFineTuneEncoderOptions options = Options(kind);
        byte[] whole = Bytes(Fit(options with { CheckpointFolder = null }));
        Assert.True(FitAndCancel(options, cancelAtStep).Training!.Cancelled);

        TextEncoder resumed = Fit(options with { Resume = ResumeMode.Required });

        Assert.Equal(whole, Bytes(resumed));
        Assert.Contains(_log, line => line.StartsWith("The encoder: Going on from", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("static")]
    [InlineData("transformer")]
    public void Fit_InterruptedAgainAndAgain_GivesTheSameBytes(string kind)
    {
        MrlFineTuneEncoderOptions options = Options(kind);
        byte[] whole = Bytes(Fit(options with { CheckpointFolder = null }));
        for (int step = 2; step <= 11; step += 3)
        {
            FitAndCancel(options, step);
        }

        Assert.Equal(whole, Bytes(Fit(options)));
        Assert.Equal(2, Directory.GetFiles(_folder["checkpoints"]).Length);
    }

    [Theory]
    [InlineData("static")]
    [InlineData("transformer")]
    public void Fit_DamagedAndForeignCheckpoints_AreNamed(string kind)
    {
        MrlFineTuneEncoderOptions options = Options(kind);
        FitAndCancel(options, 5);
        string newest = Directory.GetFiles(_folder["checkpoints"]).Order().Last();
        byte[] bytes = File.ReadAllBytes(newest);

        Assert.Contains("now it is \"encoder ", Refusal(options with { Encoder = OtherEncoder(kind) }), StringComparison.Ordinal);
        Assert.Contains("learning rate 0.02", Refusal(options with { LearningRate = 0.5 }), StringComparison.Ordinal);
        Assert.Contains(
            "it says \"objective 1 * (Pairs(Positive)", Refusal(options with { Objective = MrlObjective.Pairs("Negative") }),
            StringComparison.Ordinal);
        if (kind == "transformer")
        {
            Assert.Contains(
                "now it is \"dropout 0\"", Refusal(
                    options with { Transformer = new() { LearningRate = 1e-3, MiniBatchSize = 20, Dropout = 0 } }),
                    StringComparison.Ordinal);
            Assert.Contains(
                "now it is \"frozen layers 1\"",
                Refusal(options with { Transformer = new() { LearningRate = 1e-3, MiniBatchSize = 20, FrozenLayers = 1 } }),
                StringComparison.Ordinal);
            Assert.Contains(
                "now it is \"adaptive layers 1, 1, 0.3\"",
                Refusal(options with { Transformer = new() { LearningRate = 1e-3, MiniBatchSize = 20, AdaptiveLayers = new() } }),
                StringComparison.Ordinal);
            Assert.Contains(
                "mini-batch size 8", Refusal(options with { Transformer = new() { LearningRate = 1e-3, MiniBatchSize = 8 } }),
                StringComparison.Ordinal);
        }
        foreach (string file in Directory.GetFiles(_folder["checkpoints"]))
        {
            File.WriteAllBytes(file, bytes[..^3]);
        }
        Assert.Contains("cut short or damaged", Refusal(options), StringComparison.Ordinal);
        foreach (string file in Directory.GetFiles(_folder["checkpoints"]))
        {
            File.WriteAllBytes(file, bytes[..20]);
        }
        Assert.Contains("it is not a checkpoint", Refusal(options), StringComparison.Ordinal);
        Assert.Equal(Bytes(Fit(options with { CheckpointFolder = null })), Bytes(Fit(options)));
        Assert.Contains(_log, line => line.StartsWith("The encoder: The training begins anew", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("static")]
    [InlineData("transformer")]
    public void Fit_TwoTrainingsInOneFolder_BothStay_AndTheSecondIsRefusedWhileTheFirstRuns(string kind)
    {
        MrlFineTuneEncoderOptions options = Options(kind), other = options with { Seed = 8 };
        IOException? refusal = null;
        byte[] first = Bytes(Fit(options, new DuringEpoch(2, () => refusal = Assert.Throws<IOException>(() => Fit(other)))));
        FitAndCancel(other, 3);

        Assert.Contains(
            $"Another training is writing checkpoints to '{_folder["checkpoints"]}'", refusal!.Message, StringComparison.Ordinal);
        Assert.Contains(_log, line => line.Contains("also holds 2 checkpoints of other trainings", StringComparison.Ordinal));
        Assert.Equal(4, Directory.GetFiles(_folder["checkpoints"]).Length);
        Assert.Equal(first, Bytes(Fit(options with { Resume = ResumeMode.Required })));
        Assert.Equal(Bytes(Fit(other with { CheckpointFolder = null })), Bytes(Fit(other with { Resume = ResumeMode.Required })));
    }

    /// <summary>A disk of its own, of which a checkpoint finds ever less room.</summary>
    [Theory]
    [InlineData("static")]
    [InlineData("transformer")]
    public void Fit_DiskThatIsFull_GoesOnAndWarnsOnce(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root may mount a disk.");
        MrlFineTuneEncoderOptions options = Options(kind);
        byte[] whole = Bytes(Fit(options with { CheckpointFolder = null }));
        FitAndCancel(options, 1);
        long bytes = new FileInfo(Directory.GetFiles(_folder["checkpoints"]).Single()).Length;
        Directory.CreateDirectory(_folder["disk"]);
        Assert.SkipUnless(
            Run("mount", "-t", "tmpfs", "-o", $"size={bytes * 5 / 2}", "tmpfs", _folder["disk"]), "There may be no mounting here.");
        try
        {
            // Two checkpoints have room, and a third beside them has not.
            byte[] trained = Bytes(Fit(options with { CheckpointFolder = _folder["disk"] }));

            Assert.Equal(whole, trained);
            Assert.Single(_log, line => line.Contains("A checkpoint could not be written", StringComparison.Ordinal));
            string[] files = [.. Directory.GetFiles(_folder["disk"]).Select(file => Path.GetFileName(file)).Order()];
            Assert.Equal(2, files.Length);
            Assert.All(files, file => Assert.Matches("^mrl-[0-9a-f]{12}-step-000000000[12].checkpoint$", file));
            Assert.Equal(whole, Bytes(Fit(options with { CheckpointFolder = _folder["disk"], Resume = ResumeMode.Required })));
        }
        finally
        {
            Run("umount", _folder["disk"]);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static TextEncoder StaticEncoder(int dimensions) =>
        StaticTextEncoder.Create(s_rows.Select(r => r.Text), new StaticEncoderOptions { Dimensions = dimensions, Buckets = 16, Seed = 3 });

    private TextEncoder OtherEncoder(string kind) => kind == "static"
        ? StaticTextEncoder.Create(s_rows.Select(r => r.Text), new StaticEncoderOptions { Dimensions = 16, Buckets = 16, Seed = 4 })
        : TinyTransformer.Make(_folder["other"], ["common1 common2"], hidden: 16);

    private MrlFineTuneEncoderOptions Options(string kind) => new()
    {
        OutputColumnName = "Embedding",
        InputColumnName = "Text",
        // A part that learns a classifier, so that the loss has numbers of its own.
        Objective = MrlObjective.Weighted((MrlObjective.Pairs("Positive"), 1), (MrlObjective.Classification("Label"), 1)),
        Encoder = kind == "static" ? StaticEncoder(16)
            : TinyTransformer.Make(_folder["tiny"], s_rows.SelectMany(r => new[] { r.Text, r.Positive, r.Negative }), hidden: 16),
        Transformer = kind == "static" ? null : new() { LearningRate = 1e-3, MiniBatchSize = 20 },
        BatchSize = 26,
        Epochs = 4,
        Seed = 7,
        Gate = HarmGate.Off,
        CheckpointFolder = _folder["checkpoints"],
        CheckpointEvery = 1,
    };

    private string Refusal(MrlFineTuneEncoderOptions options) =>
        Assert.Throws<InvalidOperationException>(() => Fit(options with { Resume = ResumeMode.Required })).Message;

    private TextEncoder Fit(
        MrlFineTuneEncoderOptions options, IProgress<MrlProgress>? progress = null, CancellationToken cancellation = default)
    {
        var context = new MLContext();
        context.Log += (_, e) => _log.Add(e.RawMessage);
        return context.Transforms.MrlFineTuneEncoder(options).Fit(Sentences.View(context, s_rows), null, progress, cancellation).Encoder;
    }

    private TextEncoder FitAndCancel(MrlFineTuneEncoderOptions options, int step)
    {
        using var cancellation = new CancellationTokenSource();
        var after = new CancelAfter(step, cancellation);
        return Fit(options, after, cancellation.Token);
    }

    private static byte[] Bytes(TextEncoder encoder)
    {
        using var stream = new MemoryStream();
        encoder.Write(stream);
        return stream.ToArray();
    }
}
