namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Checkpoints;

/// <summary>Cancels a training when it has taken so many steps.</summary>
internal sealed class CancelAfter(int step, CancellationTokenSource cancellation) : IProgress<MrlProgress>
{
    public void Report(MrlProgress value)
    {
        if (value.Phase == MrlPhase.Training && value.Step >= step)
        {
            cancellation.Cancel();
        }
    }
}
