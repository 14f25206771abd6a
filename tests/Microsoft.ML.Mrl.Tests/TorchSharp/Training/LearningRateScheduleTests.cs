using Microsoft.ML.Mrl.TorchSharp.Training;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

public class LearningRateScheduleTests
{
    [Fact]
    public void At_WarmUp_RisesLinearlyToTheHighest()
    {
        var schedule = new LearningRateSchedule(0.4, 100, 0.1);

        for (int step = 0; step < 10; step++)
        {
            Assert.Equal(0.4 * (step + 1) / 10, schedule.At(step), 1e-15);
        }
        Assert.Equal(0.4, schedule.At(10), 1e-15);
    }

    [Fact]
    public void At_AfterWarmUp_FallsAlongHalfACosineToZero()
    {
        var schedule = new LearningRateSchedule(2, 110, 10 / 110.0);

        Assert.Equal(1 + Math.Sqrt(0.5), schedule.At(35), 1e-12);
        Assert.Equal(1, schedule.At(60), 1e-12);
        Assert.Equal(0, schedule.At(110), 1e-12);
        Assert.All(Enumerable.Range(10, 100), step => Assert.True(schedule.At(step + 1) < schedule.At(step)));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(0.1, 1)]
    [InlineData(1, 1)]
    public void At_FewSteps_EveryStepHasARateAboveZero(double warmUp, int steps)
    {
        var schedule = new LearningRateSchedule(0.1, steps, warmUp);

        Assert.All(Enumerable.Range(0, steps), step => Assert.InRange(schedule.At(step), 1e-6, 0.1 + 1e-12));
    }

    [Fact]
    public void At_BeyondTheEnd_StaysZero() => Assert.Equal(0, new LearningRateSchedule(1, 10, 0).At(25), 1e-15);
}
