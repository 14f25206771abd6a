using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Output;

public sealed class JobDisplayTests
{
    [Fact]
    public void Run_Plain_WritesALinePerEventWithoutControlCodes()
    {
        using var output = new StringWriter();

        JobDisplay.Run(
            new MrlConsole(output, TextWriter.Null, isTerminal: false, useColor: false), Verbosity.Normal, Job, CancellationToken.None);

        string[] lines = output.ToString().Split(Environment.NewLine);
        Assert.Equal(
            [
                "Turning text into features",
                "Reading the training rows",
                "Training",
                "  epoch 1 of at most 2, loss 3.000, validation 50.0 % (best 50.0 %), at most 1.0 s left",
                "  epoch 2 of at most 2, loss 2.000, validation 40.0 % (best 50.0 %)",
                "",
            ],
            lines);
        Assert.DoesNotContain('\e', output.ToString());
        Assert.DoesNotContain('\r', output.ToString().Replace(Environment.NewLine, "", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_SeveralCandidates_SaysWhichItIsAtTheFirstAndLastEpochOfEach()
    {
        using var plain = new StringWriter();
        using var live = new StringWriter();

        JobDisplay.Run(
            new MrlConsole(plain, TextWriter.Null, isTerminal: false, useColor: false), Verbosity.Normal,
            progress => Candidates(progress, 0), CancellationToken.None);
        JobDisplay.Run(
            new MrlConsole(live, TextWriter.Null, isTerminal: true, useColor: true), Verbosity.Normal,
            progress => Candidates(progress, 300), CancellationToken.None);

        Assert.Equal(
            [
                "Training",
                "  candidate 1 of 12, epoch 1 of at most 3, loss 3.000, validation 50.0 % (best 50.0 %)",
                "  candidate 1 of 12, epoch 3 of at most 3, loss 3.000, validation 50.0 % (best 50.0 %)",
                "  candidate 2 of 12, epoch 1 of at most 5, loss 2.000, validation 60.0 % (best 60.0 %)",
                "",
            ],
            plain.ToString().Split(Environment.NewLine));
        Assert.Contains("Candidate 2/12, epoch 1/5, best 60.0 %", live.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TextsAreEmbeddedTwice_SaysSoTwice()
    {
        using var output = new StringWriter();

        JobDisplay.Run(
            new MrlConsole(output, TextWriter.Null, isTerminal: false, useColor: false), Verbosity.Normal, progress =>
            {
                progress.Count(ProgressText.Embedding, 0, 30);
                progress.Report(new MrlProgress { Phase = MrlPhase.Reading });
                progress.Report(new MrlProgress { Phase = MrlPhase.Starting, Step = 20, Steps = 20, Remaining = TimeSpan.Zero });
                return true;
            }, CancellationToken.None);

        Assert.Equal(
            [
                "Embedding texts (30)", "Reading the training rows", "Computing the principal components for the comparison",
                "Embedding texts (20)", "  20 of 20", "",
            ],
            output.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public void Run_HeadIsTrainedFirst_SaysSoAfterTheTextsAreEmbedded()
    {
        using var plain = new StringWriter();
        using var live = new StringWriter();

        JobDisplay.Run(
            new MrlConsole(plain, TextWriter.Null, isTerminal: false, useColor: false), Verbosity.Normal,
            progress => Starting(progress, 0), CancellationToken.None);
        JobDisplay.Run(
            new MrlConsole(live, TextWriter.Null, isTerminal: true, useColor: true), Verbosity.Normal,
            progress => Starting(progress, 300), CancellationToken.None);

        Assert.Equal(
            [
                "Computing the principal components for the comparison",
                "Embedding texts (8)",
                "  4 of 8",
                "  8 of 8",
                "Training a head on the embeddings",
                "Training",
                "",
            ],
            plain.ToString().Split(Environment.NewLine));
        Assert.Contains("Training a head on the embeddings", live.ToString(), StringComparison.Ordinal);
        Assert.Contains("about 9.0 s left", live.ToString(), StringComparison.Ordinal);

        static int Starting(IJobProgress progress, int pause)
        {
            foreach ((int step, double left) in new[] { (4, 2.0), (8, 0.0), (8, 9.0), (8, 5.0), (8, 0.0) })
            {
                progress.Report(
                    new MrlProgress { Phase = MrlPhase.Starting, Step = step, Steps = 8, Remaining = TimeSpan.FromSeconds(left) });
                Thread.Sleep(pause);
            }
            progress.Report(new MrlProgress { Phase = MrlPhase.Training });
            return 0;
        }
    }

    [Fact]
    public void Run_Quiet_WritesNothing()
    {
        using var output = new StringWriter();

        JobDisplay.Run(
            new MrlConsole(output, TextWriter.Null, isTerminal: true, useColor: true), Verbosity.Quiet, Job, CancellationToken.None);

        Assert.Empty(output.ToString());
    }

    [Fact]
    public void Run_Live_ShowsEpochAndTimeLeft()
    {
        using var output = new StringWriter();

        JobDisplay.Run(
            new MrlConsole(output, TextWriter.Null, isTerminal: true, useColor: true), Verbosity.Normal, Slowly, CancellationToken.None);

        Assert.Contains("Epoch 1/2, best 50.0 %", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("at most 1.0 s left", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_LiveWithoutColor_WritesNoColorCodes()
    {
        using var output = new StringWriter();

        JobDisplay.Run(
            new MrlConsole(output, TextWriter.Null, isTerminal: true, useColor: false), Verbosity.Normal, Slowly, CancellationToken.None);

        Assert.Contains("Epoch 1/2", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotMatch("\e\\[[0-9;]*m", output.ToString());
    }

    [Fact]
    public void Run_Cancelled_SaysSoAtOnce()
    {
        using var output = new StringWriter();
        using var source = new CancellationTokenSource();

        JobDisplay.Run(
            new MrlConsole(output, TextWriter.Null, isTerminal: false, useColor: false),
            Verbosity.Normal,
            progress =>
            {
                source.Cancel();
                progress.Stage("Next");
                return 0;
            },
            source.Token);

        Assert.Equal([ProgressText.Stopping, "Next", ""], output.ToString().Split(Environment.NewLine));
    }

    [Theory]
    [InlineData(0.04, "0.0 s")]
    [InlineData(9.94, "9.9 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(59.6, "1 min 00 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(7200, "120 min 00 s")]
    public void Duration_IsReadable(double seconds, string expected) =>
        Assert.Equal(expected, ProgressText.Duration(TimeSpan.FromSeconds(seconds)));

    private static int Job(IJobProgress progress)
    {
        progress.Stage("Turning text into features");
        progress.Report(new() { Phase = MrlPhase.Reading });
        progress.Report(new() { Phase = MrlPhase.Training, Epochs = 2, Steps = 4 });
        progress.Report(Epoch(1, 1, 3, .5, TimeSpan.FromSeconds(1.5)));
        progress.Report(Epoch(1, 2, 3, double.NaN, TimeSpan.FromSeconds(1)));
        progress.Report(Epoch(1, 2, 3, .5, TimeSpan.FromSeconds(1)));
        progress.Report(Epoch(2, 3, 2.5, .5));
        progress.Report(Epoch(2, 4, 2, .4));
        progress.Report(new() { Phase = MrlPhase.Done, Epoch = 2, Epochs = 2, Step = 4, Steps = 4 });
        return 0;
    }

    private static int Candidates(IJobProgress progress, int pause)
    {
        // The first candidate is trained for three epochs, the second for one of five.
        foreach ((int epoch, int candidate, int own, int epochs) in new[] { (1, 1, 1, 3), (2, 1, 2, 3), (3, 1, 3, 3), (4, 2, 1, 5) })
        {
            progress.Report(new()
            {
                Phase = MrlPhase.Training, Epoch = epoch, Epochs = 24, Step = 10 * epoch, Steps = 240, Loss = 4 - candidate,
                ValidationScore = 0.4 + (0.1 * candidate),
                BestScore = 0.4 + (0.1 * candidate), Candidate = candidate, Candidates = 12, CandidateEpoch = own, CandidateEpochs = epochs,
            });
            Thread.Sleep(pause);
        }
        progress.Report(new() { Phase = MrlPhase.Done });
        return 0;
    }

    private static int Slowly(IJobProgress progress)
    {
        progress.Report(Epoch(1, 2, 3, double.NaN, TimeSpan.FromSeconds(1)));
        progress.Report(Epoch(1, 2, 3, .5, TimeSpan.FromSeconds(1)));
        Thread.Sleep(400);
        return 0;
    }

    private static MrlProgress Epoch(int epoch, int step, double loss, double score, TimeSpan? remaining = null) => new()
    {
        Phase = MrlPhase.Training,
        Epoch = epoch,
        Epochs = 2,
        Step = step,
        Steps = 4,
        Loss = loss,
        ValidationScore = score,
        BestScore = .5,
        Remaining = remaining,
    };
}
