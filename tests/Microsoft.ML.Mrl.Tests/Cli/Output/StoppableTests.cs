using System.Diagnostics;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Output;

public sealed class StoppableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_Cancelled_ReturnsAtOnceThoughTheWorkGoesOn()
    {
        using var source = new CancellationTokenSource(200);
        using var end = new ManualResetEventSlim();
        var clock = Stopwatch.StartNew();

        Assert.ThrowsAny<OperationCanceledException>(
            () => Stoppable.Run(() => end.Wait(TimeSpan.FromSeconds(60), CancellationToken.None), source.Token));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
        end.Set();
    }

    [Fact]
    public void Run_WorkThatThrows_ThrowsTheSame()
    {
        Assert.Throws<CommandException>(() => Stoppable.Run<int>(() => throw new CommandException("no"), CancellationToken.None));
        Assert.Equal(3, Stoppable.Run(() => 3, CancellationToken.None));
    }

    // A pipe that nobody writes to stands for every reader that does not come back.
    [Theory]
    [InlineData("data.csv")]
    [InlineData("data.parquet")]
    [InlineData("data.npy")]
    public void Train_ReaderThatStandsStill_EndsWithCtrlC(string name)
    {
        AssertEndsWithCtrlC(name, "train", "--dataset", name, "--output", "out");
    }

    [Theory]
    [InlineData("a.mbconfig", "train", "--training-config", "a.mbconfig", "--output", "out")]
    [InlineData("words.txt", "train", "--dataset", "texts.csv", "--encoder", "words.txt", "--output", "out")]
    [InlineData("model.onnx", "train", "--dataset", "texts.csv", "--encoder", "model.onnx", "--output", "out")]
    [InlineData("encoder/modules.json", "train", "--dataset", "texts.csv", "--encoder", "encoder", "--output", "out")]
    [InlineData("encoder/model.safetensors", "embed", "encoder", "--dataset", "texts.csv", "--output", "e.csv")]
    [InlineData("out/TextsMrl/TextsMrl.mbconfig", "train", "--dataset", "texts.csv", "--output", "out")]
    [InlineData("m.zip", "evaluate", "m.zip", "--dataset", "texts.csv")]
    [InlineData("m.zip", "embed", "m.zip", "--dataset", "texts.csv", "--output", "e.csv")]
    [InlineData("m.zip", "export", "m.zip", "--output", "e.onnx")]
    [InlineData("e.part1-of-1.0123abcd.csv", "merge", "--output", "e.csv")]
    public void Run_AnyFileThatStandsStill_EndsWithCtrlC(string name, params string[] args)
    {
        _folder.Write("texts.csv", Enumerable.Range(0, 40).Select(i => $"words of row {i},kind{i % 2}").Prepend("text,label"));
        if (name.StartsWith("encoder/", StringComparison.Ordinal))
        {
            using var other = new TemporaryFolder();
            Text.Encoders.StaticEncoders.OfWords().Save(other["encoder"]);
            Directory.Move(other["encoder"], _folder["encoder"]);
            File.Delete(_folder[name]);
        }
        AssertEndsWithCtrlC(name, args);
    }

    [Fact]
    public void Export_EncoderThatStandsStill_EndsWithCtrlC()
    {
        _folder.Write("data.csv", VectorData.Numbers(80));
        CommandRun trained = CommandRun.Of(
            "train", "--dataset", _folder["data.csv"], "--epochs", "1", "--name", "M", "--output", _folder["out"]);
        Assert.Equal((ExitCode.Ok, ""), (trained.ExitCode, trained.Error));

        AssertEndsWithCtrlC("model.onnx", "export", "out/M/M.zip", "--append-to", "model.onnx", "--output", "e.onnx");
    }

    private void AssertEndsWithCtrlC(string name, params string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no mkfifo.");
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        using (Process mkfifo = Process.Start("mkfifo", [_folder[name]]))
        {
            mkfifo.WaitForExit();
            Assert.Equal(0, mkfifo.ExitCode);
        }
        // What names a file of the test, or one to write.
        args = [.. args.Select((arg, i) => i > 0 && !arg.StartsWith('-') ? _folder[arg] : arg)];
        using var source = new CancellationTokenSource(500);
        using var error = new StringWriter();
        var clock = Stopwatch.StartNew();

        Task<int> run = Task.Run(() => CommandRun.Run(args, TextWriter.Null, error, source.Token));
        bool ended = run.Wait(TimeSpan.FromSeconds(20));

        TimeSpan took = clock.Elapsed;
        // Let the reader go.
        using FileStream writer = new(_folder[name], FileMode.Open, FileAccess.ReadWrite);
        Assert.True(ended && took < TimeSpan.FromSeconds(10), $"{took}");
        Assert.Equal((ExitCode.Interrupted, "Stopped"), (run.Result, error.ToString()[..7]));
    }
}
