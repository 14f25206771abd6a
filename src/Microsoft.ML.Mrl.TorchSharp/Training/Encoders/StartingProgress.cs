using System.Diagnostics;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// Tells how many texts have been embedded before the first step, and how long the rest, or the head that is trained on them, will take.
/// </summary>
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
        // More may come than were announced.
        Report(_clock.Elapsed / _done * Math.Max(0, texts - _done));
    }

    /// <summary>Tells how long the training of a head on the texts, which are all embedded, will take; null for nobody.</summary>
    public IProgress<MrlProgress>? OfHead() => progress is null ? null : new HeadProgress(this);

    private void Report(TimeSpan remaining) => progress?.Report(new MrlProgress
    {
        Phase = MrlPhase.Starting,
        Step = (int)Math.Min(_done, int.MaxValue),
        Steps = (int)Math.Min(texts, int.MaxValue),
        Elapsed = _clock.Elapsed,
        Remaining = remaining,
    });

    private sealed class HeadProgress(StartingProgress starting) : IProgress<MrlProgress>
    {
        public void Report(MrlProgress value)
        {
            if (value.Phase == MrlPhase.Done || (value.Phase == MrlPhase.Training && value.Remaining is not null))
            {
                starting.Report(value.Phase == MrlPhase.Done ? TimeSpan.Zero : value.Remaining!.Value);
            }
        }
    }
}
