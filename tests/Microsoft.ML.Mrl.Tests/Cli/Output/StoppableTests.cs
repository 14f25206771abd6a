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
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no mkfifo.");
        using (Process mkfifo = Process.Start("mkfifo", [_folder[name]]))
        {
            mkfifo.WaitForExit();
            Assert.Equal(0, mkfifo.ExitCode);
        }
        using var source = new CancellationTokenSource(500);
        using var error = new StringWriter();
        var clock = Stopwatch.StartNew();

        int exitCode = CommandRun.Run(
            ["train", "--dataset", _folder[name], "--output", _folder["out"]], TextWriter.Null, error, source.Token);

        Assert.Equal(ExitCode.Interrupted, exitCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
        // Let the reader go.
        using FileStream writer = new(_folder[name], FileMode.Open, FileAccess.ReadWrite);
    }
}
