using System.Diagnostics;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Tells the user where the training stands, not more often than a person can read.</summary>
internal sealed class ProgressReporter(IProgress<MrlProgress>? progress, int epochs, int steps, int candidates = 1)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last = -s_pause;
    private TimeSpan _trainingStarted;
    private int _candidate;
    private int _candidateEpochs;
    private int _epochsBefore;
    private int _stepsBefore;

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The time since steps began.</summary>
    public TimeSpan TrainingTime => _clock.Elapsed - _trainingStarted;

    /// <summary>Marks the moment from which steps are timed.</summary>
    public void TrainingStarts() => _trainingStarted = _clock.Elapsed;

    /// <summary>Marks the beginning of one of several trainings.</summary>
    /// <param name="epochs">The most epochs that it takes.</param>
    public void Begin(int epochs)
    {
        _candidate++;
        _candidateEpochs = epochs;
    }

    /// <summary>Marks the end of one of several trainings: what follows is counted on from there.</summary>
    /// <param name="epochs">The epochs that it took.</param>
    /// <param name="steps">The steps that it took.</param>
    public void End(int epochs, int steps)
    {
        _epochsBefore += epochs;
        _stepsBefore += steps;
    }

    public void Report(MrlPhase phase, int epoch = 0, int step = 0, double loss = double.NaN, double score = double.NaN,
        double best = double.NaN, bool always = true)
    {
        if (progress is null || (!always && _clock.Elapsed - _last < s_pause))
        {
            return;
        }
        int epochOfCandidate = epoch;
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
            Candidate = _candidate,
            Candidates = candidates,
            CandidateEpoch = epochOfCandidate,
            CandidateEpochs = _candidateEpochs,
            Loss = loss,
            ValidationScore = score,
            BestScore = best,
            Elapsed = _clock.Elapsed,
            Remaining = phase == MrlPhase.Done ? TimeSpan.Zero : step > 0
                ? (_clock.Elapsed - _trainingStarted) / step * Math.Max(0, steps - step) : null,
        });
    }
}
