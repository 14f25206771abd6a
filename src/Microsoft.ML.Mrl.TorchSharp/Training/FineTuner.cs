using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Trains whatever gives embeddings: the loop, the schedule, the choice of the best epoch, and the gate at the end.</summary>
internal abstract class FineTuner : IDisposable
{
    private const int MostBadSteps = 5;

    private readonly ExampleSplit _split;
    private readonly MrlLog _log;
    private readonly ProgressReporter _progress;
    private readonly ScoringRows _scoring;
    private readonly LearningRateSchedule _schedule;
    private readonly double _learningRate;
    private readonly int _rowsPerStep;
    private readonly int _stepsPerEpoch;
    private CheckpointKeeper? _checkpoints;

    /// <param name="plan">What to train, and how.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="split">Which of them are held back.</param>
    /// <param name="scale">What inputs are divided by to be at the scale of the embeddings.</param>
    /// <param name="random">Draws the rows to score by.</param>
    /// <param name="log">Is told every epoch's scores.</param>
    /// <param name="learningRate">The highest learning rate; null for the options'.</param>
    /// <param name="batchesPerStep">The batches of a step, 1 or more; fewer where the data has fewer.</param>
    protected FineTuner(TrainingPlan plan, ExampleSet examples, ExampleSplit split, double scale, Random random, MrlLog log, double? learningRate = null, int batchesPerStep = 1)
    {
        MrlFineTuneOptions options = plan.Options;
        Plan = plan;
        Examples = examples;
        _split = split;
        _log = log;
        _scoring = ScoringRows.Choose(split, random);
        BatchSize = Math.Min(options.BatchSize, split.Training.Length);
        _rowsPerStep = BatchSize * Math.Min(batchesPerStep, split.Training.Length / BatchSize);
        _stepsPerEpoch = split.Training.Length / _rowsPerStep;
        _learningRate = learningRate ?? options.LearningRate;
        int steps = options.Epochs * _stepsPerEpoch;
        _progress = new ProgressReporter(options.Progress, options.Epochs, steps);
        Builder = new BatchBuilder(examples, options.Objective.Columns, scale);
        Loss = new MatryoshkaLoss(options.Objective.CreateLoss(examples, plan.Dimensions), plan.Dimensions, options.DimensionWeights);
        _schedule = new LearningRateSchedule(_learningRate, steps, options.WarmUpFraction);
    }

    protected TrainingPlan Plan { get; }

    protected ExampleSet Examples { get; }

    protected BatchBuilder Builder { get; }

    protected MatryoshkaLoss Loss { get; }

    protected TrainingState State { get; } = new();

    /// <summary>Rows a batch, B.</summary>
    protected int BatchSize { get; }

    protected BestHead Best => State.Best;

    /// <summary>The embeddings in the present state.</summary>
    protected abstract IEmbeddingSource Learned { get; }

    /// <summary>The PCA prefix.</summary>
    protected abstract IEmbeddingSource Pca { get; }

    /// <summary>What the optimizers remember.</summary>
    protected abstract IReadOnlyList<IOptimizerState> Optimizers { get; }

    private bool IsCancelled => Plan.Options.CancellationToken.IsCancellationRequested;

    private bool IsTimeUp => _progress.TrainingTime >= Plan.Options.TrainTime;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Trains and decides.</summary>
    /// <param name="verdict">What the gate decided.</param>
    /// <returns>How it went.</returns>
    protected TrainingSummary Run(out HeadVerdict verdict)
    {
        _checkpoints = CheckpointKeeper.Of(Plan, Examples, State, new LearningState(TakeNumbers, RestoreNumbers, [.. Loss.Parameters], Optimizers), _log);
        double[] start = Score(Pca);
        double[] raw = Score(Raw());
        Best.Offer(TakeNumbers, 0, start);
        _checkpoints?.Resume();
        _progress.TrainingStarts();
        bool cancelled = Loop();
        if (State.BadSteps > MostBadSteps)
        {
            _log.Warning($"The loss stopped being a number {State.BadSteps} times; training ended at epoch {State.Epoch} with the best head so far. Use a lower learning rate than {_learningRate}.");
        }
        _progress.Report(MrlPhase.Done, State.Epoch, State.Steps, best: Best.MeanScore);
        verdict = new HeadChoice(Plan, Examples, _scoring, _log).Choose(raw, start, Best, ScoreRows);
        return Summarise(verdict, cancelled);
    }

    /// <summary>Takes one step, unless its loss or gradient is not finite.</summary>
    /// <param name="rows">The rows of one batch, or of as many as a step has.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <returns>The loss, NaN where no step was taken.</returns>
    protected abstract double Step(ReadOnlySpan<int> rows, double learningRate);

    /// <summary>A copy of all that is learned.</summary>
    protected abstract float[][] TakeNumbers();

    /// <summary>Puts a copy back.</summary>
    protected abstract void RestoreNumbers(float[][] numbers);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Loss.Dispose();
        }
    }

    /// <summary>Runs epochs until the last, until nothing gets better, until its time is up, or until it is cancelled.</summary>
    /// <returns>Whether it was cancelled.</returns>
    private bool Loop()
    {
        MrlFineTuneOptions options = Plan.Options;
        // An epoch that a checkpoint left open is scored, even if all of its steps were taken.
        while (State.IsEpochOpen || (State.Epoch < options.Epochs && State.BadSteps <= MostBadSteps))
        {
            if (IsCancelled)
            {
                return true;
            }
            if (!State.IsEpochOpen)
            {
                State.BeginEpoch();
            }
            bool whole = RunEpoch();
            State.IsEpochOpen = false;
            double[] scores = Score(Learned);
            Best.Offer(TakeNumbers, State.Epoch, scores);
            double mean = BestHead.MeanOf(scores);
            _progress.Report(MrlPhase.Training, State.Epoch, State.Steps, State.MeanLoss, mean, Best.MeanScore);
            _log.Info($"Epoch {State.Epoch} of {options.Epochs}: loss {State.MeanLoss:F4}, {options.Objective.ScoreName} {mean:F4}, best {Best.MeanScore:F4} at epoch {Best.Epoch}.");
            if (!whole)
            {
                return IsCancelled;
            }
            if (_split.Validation.Length > 0 && State.Epoch - Best.Epoch >= options.Patience)
            {
                break;
            }
        }
        return false;
    }

    /// <summary>Takes the steps of an epoch.</summary>
    /// <returns>False if it was cancelled, or its time was up, on the way.</returns>
    private bool RunEpoch()
    {
        int[] order = OrderOf(State.Epoch);
        while (State.StepInEpoch < _stepsPerEpoch && State.BadSteps <= MostBadSteps)
        {
            if (IsCancelled || IsTimeUp)
            {
                _checkpoints?.AfterStep(always: true);
                return false;
            }
            double loss = Step(order.AsSpan(State.StepInEpoch * _rowsPerStep, _rowsPerStep), _schedule.At(State.Steps) * Math.Pow(0.5, State.BadSteps));
            State.Steps++;
            State.StepInEpoch++;
            if (double.IsFinite(loss))
            {
                State.LossSum += loss;
                State.LossCount++;
            }
            else
            {
                State.BadSteps++;
            }
            _checkpoints?.AfterStep();
            _progress.Report(MrlPhase.Training, State.Epoch, State.Steps, State.MeanLoss, best: Best.MeanScore, always: false);
        }
        return true;
    }

    /// <summary>The order of the training rows in an epoch: a matter of the seed and the epoch alone, so that a training can go on from anywhere.</summary>
    private int[] OrderOf(int epoch)
    {
        int[] order = [.. _split.Training];
        new Random(unchecked(Plan.Seed * 1_000_003 + epoch)).Shuffle(order);
        Builder.Arrange(order, BatchSize);
        return order;
    }

    private double[] Score(IEmbeddingSource embeddings) =>
        _split.Validation.Length == 0 ? [] : Plan.Options.Objective.Score(Examples, _scoring, embeddings, Plan.Dimensions, Loss.Inner);

    private ResampledMetric? ScoreRows(string candidate)
    {
        IEmbeddingSource embeddings = candidate switch
        {
            HeadChoice.Raw => Raw(),
            HeadChoice.Pca => Pca,
            _ => BestLearned(),
        };
        return Plan.Options.Objective.ScoreRows(Examples, _scoring, embeddings, Plan.Dimensions, Loss.Inner);
    }

    private RawEmbeddings Raw() => new(Examples, Plan.OutputDimensions);

    private IEmbeddingSource BestLearned()
    {
        RestoreNumbers(Best.Numbers);
        return Learned;
    }

    private TrainingSummary Summarise(HeadVerdict verdict, bool cancelled)
    {
        bool scored = _split.Validation.Length > 0;
        return new TrainingSummary
        {
            Objective = Plan.Options.Objective.ToString(),
            Winner = verdict.Winner,
            Verdict = verdict.Text,
            Seed = Plan.Seed,
            TrainingRows = _split.Training.Length,
            ValidationRows = _split.Validation.Length,
            Epochs = State.Epoch,
            BestEpoch = Best.Epoch,
            Cancelled = cancelled,
            ScoreName = scored ? Plan.Options.Objective.ScoreName : "",
            ValidationScores = verdict.Scores,
        };
    }
}
