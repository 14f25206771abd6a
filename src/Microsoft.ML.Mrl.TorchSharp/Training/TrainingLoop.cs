using System.Globalization;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Runs the epochs of one training at one learning rate, scores each, and keeps the best.</summary>
/// <param name="task">What is to be learned.</param>
/// <param name="trained">What learns it, at its start.</param>
/// <param name="scores">Scores epochs.</param>
/// <param name="learningRate">The highest learning rate.</param>
/// <param name="epochs">The most epochs.</param>
/// <param name="checkpoints">The folder to save the training to; null for none.</param>
/// <param name="resume">Whether to go on from what the folder holds.</param>
/// <param name="log">Is told every epoch's scores.</param>
/// <param name="progress">Is told every step.</param>
/// <param name="cancellation">Ends the training.</param>
internal sealed class TrainingLoop(
    TrainingTask task, ITrained trained, HeldOutScores scores, double learningRate, int epochs, string? checkpoints, ResumeMode resume,
    MrlLog log, ProgressReporter progress, CancellationToken cancellation)
{
    private const int MostBadSteps = 5;

    private readonly TrainingState _state = new();
    private readonly LearningRateSchedule _schedule = new(learningRate, epochs * task.StepsPerEpoch, task.Plan.Options.WarmUpFraction);
    private CheckpointKeeper? _keeper;

    /// <summary>The best weights so far.</summary>
    public BestHead Best => _state.Best;

    /// <summary>The epochs that were begun.</summary>
    public int Epochs => _state.Epoch;

    /// <summary>The steps that were taken.</summary>
    public int Steps => _state.Steps;

    /// <summary>Whether it ended since it was cancelled.</summary>
    public bool IsCancelled { get; private set; }

    private bool IsTimeUp => progress.TrainingTime >= task.Plan.Options.TrainTime;

    /// <summary>Makes the folder of the checkpoints.</summary>
    /// <exception cref="IOException">It cannot be made or written to.</exception>
    public void Prepare() => _keeper = checkpoints is null
        ? null
        : new CheckpointKeeper(checkpoints, TrainingIdentity.Of(task, learningRate, epochs, trained), task.Plan.Options.CheckpointEvery, _state, trained, log);

    /// <summary>Runs epochs until the last, until nothing gets better, until its time is up, or until it is cancelled.</summary>
    /// <param name="start">The scores of what it starts from, which epochs must beat.</param>
    /// <returns>What came of it.</returns>
    public TrainedRun Run(double[] start)
    {
        Best.Offer(trained.TakeWeights, 0, start);
        _keeper?.Resume(resume);
        progress.TrainingStarts();
        RunEpochs();
        if (_state.BadSteps > MostBadSteps)
        {
            log.Warning($"The loss stopped being a number {_state.BadSteps} times; training ended at epoch {_state.Epoch} with the best head so far. " +
                $"Use a lower learning rate than {learningRate.ToString(CultureInfo.InvariantCulture)}.");
        }
        return new TrainedRun(learningRate, _state.Epoch, Best);
    }

    private void RunEpochs()
    {
        // An epoch that a checkpoint left open is scored, even if all of its steps were taken.
        while (_state.IsEpochOpen || (_state.Epoch < epochs && _state.BadSteps <= MostBadSteps))
        {
            if (cancellation.IsCancellationRequested)
            {
                IsCancelled = true;
                return;
            }
            if (!_state.IsEpochOpen)
            {
                _state.BeginEpoch();
            }
            bool isWhole = RunEpoch();
            _state.IsEpochOpen = false;
            ScoreEpoch();
            if (!isWhole)
            {
                IsCancelled = cancellation.IsCancellationRequested;
                return;
            }
            if (task.HasValidation && _state.Epoch - Best.Epoch >= task.Plan.Options.Patience)
            {
                return;
            }
        }
    }

    /// <summary>Takes the steps of an epoch.</summary>
    /// <returns>False if it was cancelled, or its time was up, on the way.</returns>
    private bool RunEpoch()
    {
        int[] order = OrderOf(_state.Epoch);
        while (_state.StepInEpoch < task.StepsPerEpoch && _state.BadSteps <= MostBadSteps)
        {
            if (cancellation.IsCancellationRequested || IsTimeUp)
            {
                _keeper?.AfterStep(always: true);
                return false;
            }
            ReadOnlySpan<int> rows = order.AsSpan(_state.StepInEpoch * task.RowsPerStep, task.RowsPerStep);
            _state.EndStep(trained.Step(rows, _schedule.At(_state.Steps) * Math.Pow(0.5, _state.BadSteps), _state.Steps));
            _keeper?.AfterStep();
            progress.Report(MrlPhase.Training, _state.Epoch, _state.Steps, _state.MeanLoss, best: Best.MeanScore, always: false);
        }
        return true;
    }

    private void ScoreEpoch()
    {
        double[] reached = scores.OfPresent();
        Best.Offer(trained.TakeWeights, _state.Epoch, reached);
        double mean = BestHead.MeanOf(reached);
        progress.Report(MrlPhase.Training, _state.Epoch, _state.Steps, _state.MeanLoss, mean, Best.MeanScore);
        log.Info(
            $"Epoch {_state.Epoch} of {epochs}: loss {_state.MeanLoss:F4}, {task.Plan.Options.Objective.ScoreName} {mean:F4}, " +
            $"best {Best.MeanScore:F4} at epoch {Best.Epoch}.");
    }

    /// <summary>
    /// The order of the training rows in an epoch: a matter of the seed and the epoch alone, so that a training can go on from anywhere.
    /// </summary>
    private int[] OrderOf(int epoch)
    {
        int[] order = [.. task.Split.Training];
        new Random(unchecked(task.Plan.Seed * 1_000_003 + epoch)).Shuffle(order);
        trained.Batches.Arrange(order, task.BatchSize);
        return order;
    }
}
