namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>Keeps every report, and does something at each, on the training's own thread.</summary>
internal sealed class HeardProgress(Action<MrlProgress>? then = null) : IProgress<MrlProgress>
{
    public List<MrlProgress> All { get; } = [];

    public void Report(MrlProgress value)
    {
        All.Add(value);
        then?.Invoke(value);
    }
}
