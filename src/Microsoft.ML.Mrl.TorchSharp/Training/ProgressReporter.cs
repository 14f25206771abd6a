using System.Diagnostics;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Tells the user where the training stands, not more often than a person can read.</summary>
internal sealed class ProgressReporter(IProgress<MrlProgress>? progress, int epochs, int steps)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last = -s_pause;
    private TimeSpan _trainingStarted;
    private int _epochsBefore;
    private int _stepsBefore;

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The time since steps began.</summary>
    public TimeSpan TrainingTime => _clock.Elapsed - _trainingStarted;

    /// <summary>Marks the moment from which steps are timed.</summary>
    public void TrainingStarts() => _trainingStarted = _clock.Elapsed;

    /// <summary>Marks the end of one of several trainings: what follows is counted on from there.</summary>
    /// <param name="epochs">The epochs that it took.</param>
    /// <param name="steps">The steps that it took.</param>
    public void End(int epochs, int steps)
    {
        _epochsBefore += epochs;
        _stepsBefore += steps;
    }

    public void Report(MrlPhase phase, int epoch = 0, int step = 0, double loss = double.NaN, double score = double.NaN, double best = double.NaN, bool always = true)
    {
        if (progress is null || (!always && _clock.Elapsed - _last < s_pause))
        {
            return;
        }
        epoch += _epochsBefore;
        step += _stepsBefore;
        _last = _clock.Elapsed;
        progress.Report(new MrlProgress
        {
            Phase = phase,
            Epoch = epoch,
            Epochs = epochs,
            Step = step,
            Steps = steps,
            Loss = loss,
            ValidationScore = score,
            BestScore = best,
            Elapsed = _clock.Elapsed,
            Remaining = phase == MrlPhase.Done ? TimeSpan.Zero : step > 0 ? (_clock.Elapsed - _trainingStarted) / step * (steps - step) : null,
        });
    }
}
