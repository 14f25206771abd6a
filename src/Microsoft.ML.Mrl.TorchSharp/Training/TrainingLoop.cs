using System.Globalization;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Runs the epochs of one training at one learning rate, scores each, and keeps the best.</summary>
/// <param name="trained">What learns, at its start.</param>
/// <param name="scores">Scores epochs.</param>
/// <param name="step">The learning rate and the epochs.</param>
/// <param name="resume">Whether to go on from what the folder of the checkpoints holds.</param>
/// <param name="log">Receives the scores of every epoch.</param>
/// <param name="progress">Receives every step.</param>
/// <param name="cancellation">Ends the training.</param>
internal sealed class TrainingLoop(
    ITrained trained, HeldOutScores scores, TrainingStage step, ResumeMode resume, MrlLog log, ProgressReporter progress,
        CancellationToken cancellation)
{
    private const int MostBadSteps = 5;

    private readonly TrainingState _state = new();
    private readonly LearningRateSchedule _schedule = new(
        step.LearningRate, step.Epochs * trained.Task.StepsPerEpoch, trained.Task.Plan.Options.WarmUpFraction);
    private CheckpointKeeper? _keeper;
    private ProgressReporter.Turn? _turn;

    private TrainingTask Task => trained.Task;

    /// <summary>The best weights so far.</summary>
    public BestHead Best => _state.Best;

    /// <summary>The epochs that were begun.</summary>
    public int Epochs => _state.Epoch;

    /// <summary>The steps that were taken.</summary>
    public int Steps => _state.Steps;

    /// <summary>Whether it ended since it was cancelled.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Whether its time was up before its end.</summary>
    public bool IsTimeUp => progress.TrainingTime >= Task.Plan.Options.TrainTime;

    /// <summary>Makes ready to keep checkpoints.</summary>
    public void Prepare() => _keeper = step.Checkpoints is null
        ? null
        : new CheckpointKeeper(
            step.Checkpoints, TrainingIdentity.Of(trained, step.LearningRate, step.Epochs), Task.Plan.Options.CheckpointEvery, _state,
                trained, log);

    /// <summary>Runs epochs until the last, until nothing gets better, until its time is up, or until it is cancelled.</summary>
    /// <param name="start">The scores of what it starts from, which epochs must beat.</param>
    public void Run(double[] start)
    {
        Best.Offer(trained.TakeWeights, 0, start);
        _keeper?.Resume(resume);
        _turn = progress.Begin(step.Epochs);
        RunEpochs();
        _turn.End(Epochs, Steps);
        if (step.IsOneOfSeveral && !IsCancelled)
        {
            // So that a training that is resumed later need not do this again.
            _keeper?.AfterStep(always: true);
        }
        if (_state.BadSteps > MostBadSteps)
        {
            log.Warning($"The loss stopped being a number {_state.BadSteps} times; training ended at epoch {_state.Epoch} with the " +
                "best head so far. " +
                $"Use a lower learning rate than {step.LearningRate.ToString(CultureInfo.InvariantCulture)}.");
        }
    }

    private void RunEpochs()
    {
        // An epoch that a checkpoint left open is scored, even if all of its steps were taken.
        while (_state.IsEpochOpen || (_state.Epoch < step.Epochs && _state.BadSteps <= MostBadSteps))
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
            if (Task.HasValidation && _state.Epoch - Best.Epoch >= Task.Plan.Options.Patience)
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
        while (_state.StepInEpoch < Task.StepsPerEpoch && _state.BadSteps <= MostBadSteps)
        {
            if (cancellation.IsCancellationRequested || IsTimeUp)
            {
                _keeper?.AfterStep(always: true);
                return false;
            }
            ReadOnlySpan<int> rows = order.AsSpan(_state.StepInEpoch * Task.RowsPerStep, Task.RowsPerStep);
            _state.EndStep(trained.Step(rows, _schedule.At(_state.Steps) * Math.Pow(0.5, _state.BadSteps), _state.Steps));
            _keeper?.AfterStep();
            _turn!.Report(_state.Epoch, _state.Steps, _state.MeanLoss, best: Best.MeanScore);
        }
        return true;
    }

    private void ScoreEpoch()
    {
        double[] reached = scores.OfPresent();
        Best.Offer(trained.TakeWeights, _state.Epoch, reached);
        double mean = BestHead.MeanOf(reached);
        _turn!.Report(_state.Epoch, _state.Steps, _state.MeanLoss, mean, Best.MeanScore, isEnd: true);
        if (step.LogsEpochs)
        {
            log.Info(
                $"Epoch {_state.Epoch} of {step.Epochs}: loss {_state.MeanLoss:F4}, {Task.Plan.Options.Objective.ScoreName} {mean:F4}, " +
                $"best {Best.MeanScore:F4} at epoch {Best.Epoch}.");
        }
    }

    /// <summary>
    /// The order of the training rows in an epoch: a matter of the seed and the epoch alone, so that a training can go on from anywhere.
    /// </summary>
    private int[] OrderOf(int epoch)
    {
        int[] order = [.. Task.Split.Training];
        new Random(unchecked(Task.Plan.Seed * 1_000_003 + epoch)).Shuffle(order);
        trained.Batches.Arrange(order, Task.BatchSize);
        return order;
    }
}
