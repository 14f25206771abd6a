using Microsoft.ML.Mrl.TorchSharp.Training;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

public sealed class ProgressReporterTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(10, 10)]
    [InlineData(12, 10)]
    public void Report_OfAnyStep_NeverTellsLessThanNoTimeLeft(int step, int steps)
    {
        var heard = new HeardProgress();
        var reporter = new ProgressReporter(heard, epochs: 1, steps);
        reporter.TrainingStarts();

        reporter.Begin(1).Report(epoch: 1, step, loss: 1, isEnd: true);

        TimeSpan left = heard.All.Single().Remaining!.Value;
        Assert.True(step < steps ? left > TimeSpan.Zero : left == TimeSpan.Zero, $"{left}");
    }

    [Fact]
    public void Report_OfTrainingsThatTakeMoreStepsThanPlanned_NeverTellsLessThanNoTimeLeft()
    {
        var heard = new HeardProgress();
        var reporter = new ProgressReporter(heard, epochs: 2, steps: 10, candidates: 2);
        reporter.TrainingStarts();
        ProgressReporter.Turn first = reporter.Begin(1), second = reporter.Begin(1);

        second.Report(epoch: 1, step: 8, loss: 1, isEnd: true);
        first.Report(epoch: 1, step: 4, loss: 1, isEnd: true);

        Assert.Equal(12, heard.All.Single().Step);
        Assert.Equal(TimeSpan.Zero, heard.All.Single().Remaining);
    }

    [Fact]
    public void Report_BeforeTheFirstStep_TellsNoTimeLeft()
    {
        var heard = new HeardProgress();

        new ProgressReporter(heard, epochs: 1, steps: 10).Report(MrlPhase.Reading);

        Assert.Null(heard.All.Single().Remaining);
    }
}
