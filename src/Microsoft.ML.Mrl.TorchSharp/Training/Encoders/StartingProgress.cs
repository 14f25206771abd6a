using System.Diagnostics;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>Tells how many texts have been embedded before the first step, and how long the rest will take.</summary>
/// <param name="progress">Is told; null for nobody.</param>
/// <param name="texts">How many there are.</param>
internal sealed class StartingProgress(IProgress<MrlProgress>? progress, long texts)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _done;

    /// <summary>Counts texts that are done.</summary>
    public void Add(int count)
    {
        _done += count;
        progress?.Report(new MrlProgress
        {
            Phase = MrlPhase.Starting,
            Step = (int)Math.Min(_done, int.MaxValue),
            Steps = (int)Math.Min(texts, int.MaxValue),
            Elapsed = _clock.Elapsed,
            Remaining = _clock.Elapsed / _done * (texts - _done),
        });
    }
}
