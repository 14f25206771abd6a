using Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

public sealed class StartingProgressTests
{
    [Fact]
    public void Add_OfMoreTextsThanWereAnnounced_NeverTellsLessThanNoTimeLeft()
    {
        var heard = new HeardProgress();
        var progress = new StartingProgress(heard, texts: 3);

        progress.Add(2);
        progress.Add(2);

        Assert.Equal([(2, 3), (4, 3)], heard.All.Select(value => (value.Step, value.Steps)));
        Assert.True(heard.All[0].Remaining > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, heard.All[1].Remaining);
    }
}
