using System.Diagnostics;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// Tells the user where the training stands, not more often than a person can read. Of trainings side by side the one that began first is
/// told of; what others have done counts when one of their epochs ends.
/// </summary>
internal sealed class ProgressReporter(IProgress<MrlProgress>? progress, int epochs, int steps, int candidates = 1)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<Turn> _underWay = [];
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
    public Turn Begin(int epochs)
    {
        lock (_underWay)
        {
            var turn = new Turn(this, ++_candidate, epochs);
            _candidateEpochs = epochs;
            _underWay.Add(turn);
            return turn;
        }
    }

    /// <summary>Tells of what belongs to no training.</summary>
    public void Report(MrlPhase phase, double best = double.NaN)
    {
        lock (_underWay)
        {
            Tell(phase, new MrlProgress { BestScore = best, Candidate = _candidate, CandidateEpochs = _candidateEpochs }, always: true);
        }
    }

    private void Tell(MrlPhase phase, MrlProgress own, bool always)
    {
        if (progress is null || (!always && _clock.Elapsed - _last < s_pause))
        {
            return;
        }
        IEnumerable<Turn> others = _underWay.Where(turn => turn.Number != own.Candidate);
        int step = _stepsBefore + others.Sum(turn => turn.StepsOfEpochs) + own.Step;
        _last = _clock.Elapsed;
        progress.Report(new MrlProgress
        {
            Phase = phase,
            Epoch = _epochsBefore + others.Sum(turn => turn.Epochs) + own.CandidateEpoch,
            Epochs = epochs,
            Step = step,
            Steps = steps,
            Candidate = own.Candidate,
            Candidates = candidates,
            CandidateEpoch = own.CandidateEpoch,
            CandidateEpochs = own.CandidateEpochs,
            Loss = own.Loss,
            ValidationScore = own.ValidationScore,
            BestScore = own.BestScore,
            Elapsed = _clock.Elapsed,
            Remaining = phase == MrlPhase.Done ? TimeSpan.Zero : step > 0
                ? (_clock.Elapsed - _trainingStarted) / step * Math.Max(0, steps - step) : null,
        });
    }

    /// <summary>One of several trainings.</summary>
    /// <param name="reporter">Tells of it.</param>
    /// <param name="number">Which it is, from 1.</param>
    /// <param name="mostEpochs">The most epochs that it takes.</param>
    internal sealed class Turn(ProgressReporter reporter, int number, int mostEpochs)
    {
        public int Number => number;

        /// <summary>The epochs that have ended.</summary>
        public int Epochs { get; private set; }

        /// <summary>The steps of those.</summary>
        public int StepsOfEpochs { get; private set; }

        /// <summary>Tells of a step, or of the end of an epoch.</summary>
        /// <param name="epoch">The epoch, from 1.</param>
        /// <param name="step">The steps so far.</param>
        /// <param name="loss">The mean loss of the epoch so far.</param>
        /// <param name="score">The score of the epoch.</param>
        /// <param name="best">The best score so far.</param>
        /// <param name="isEnd">Whether the epoch has ended, which is always told.</param>
        public void Report(int epoch, int step, double loss, double score = double.NaN, double best = double.NaN, bool isEnd = false)
        {
            lock (reporter._underWay)
            {
                if (isEnd)
                {
                    (Epochs, StepsOfEpochs) = (epoch, step);
                }
                if (reporter._underWay[0] == this)
                {
                    reporter.Tell(MrlPhase.Training, new MrlProgress
                    {
                        Step = step, Loss = loss, ValidationScore = score, BestScore = best, Candidate = number, CandidateEpoch = epoch,
                        CandidateEpochs = mostEpochs,
                    }, isEnd);
                }
            }
        }

        /// <summary>Marks the end: what follows is counted on from there.</summary>
        /// <param name="epochs">The epochs that it took.</param>
        /// <param name="steps">The steps that it took.</param>
        public void End(int epochs, int steps)
        {
            lock (reporter._underWay)
            {
                reporter._epochsBefore += epochs;
                reporter._stepsBefore += steps;
                reporter._underWay.Remove(this);
            }
        }
    }
}
