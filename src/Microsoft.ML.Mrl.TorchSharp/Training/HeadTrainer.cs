using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Trains one head: the loop, the schedule, the choice of the best epoch.</summary>
internal sealed class HeadTrainer : IDisposable
{
    private const int MostBadSteps = 5;

    private readonly TrainingPlan _plan;
    private readonly ExampleSet _examples;
    private readonly ExampleSplit _split;
    private readonly TrainingSpace _space;
    private readonly MrlLog _log;
    private readonly ProgressReporter _progress;
    private readonly ScoringRows _scoring;
    private readonly HeadModule _head;
    private readonly MatryoshkaLoss _loss;
    private readonly BatchBuilder _builder;
    private readonly BatchReader _batches;
    private readonly AdamW _optimizer;
    private readonly LearningRateSchedule _schedule;
    private readonly TrainingState _state = new();
    private readonly CheckpointKeeper _checkpoints;
    private readonly int _batchSize;
    private readonly int _stepsPerEpoch;

    public HeadTrainer(TrainingPlan plan, ExampleSet examples, ExampleSplit split, TrainingSpace space, Random random, MrlLog log)
    {
        MrlFineTuneOptions options = plan.Options;
        _plan = plan;
        _examples = examples;
        _split = split;
        _space = space;
        _log = log;
        _scoring = ScoringRows.Choose(split, random);
        _batchSize = Math.Min(options.BatchSize, split.Training.Length);
        _stepsPerEpoch = split.Training.Length / _batchSize;
        int steps = options.Epochs * _stepsPerEpoch;
        _progress = new ProgressReporter(options.Progress, options.Epochs, steps);
        _builder = new BatchBuilder(examples, options.Objective.Columns, space.Scale);
        _head = HeadModules.Create(plan, space, random);
        _batches = new BatchReader(_builder, space, _head);
        _loss = new MatryoshkaLoss(options.Objective.CreateLoss(examples, plan.Dimensions), plan.Dimensions, options.DimensionWeights);
        _optimizer = new AdamW([.. _head.Numbers, .. _loss.Parameters], options.WeightDecay);
        _schedule = new LearningRateSchedule(options.LearningRate, steps, options.WarmUpFraction);
        string identity = options.CheckpointFolder is null ? "" : TrainingIdentity.Of(plan, examples, [.. _optimizer.Means.Select(part => part.Length)]);
        _checkpoints = new CheckpointKeeper(options, identity, _state, _head, _loss, _optimizer, log);
    }

    private BestHead Best => _state.Best;

    private bool IsCancelled => _plan.Options.CancellationToken.IsCancellationRequested;

    private bool IsTimeUp => _progress.TrainingTime >= _plan.Options.TrainTime;

    public EmbeddingHead Train()
    {
        // A rotation is solved for in every step.
        using ThreadLimit threads = _plan.IsOrthogonal ? ThreadLimit.ToOne() : ThreadLimit.ForSteps((double)_batchSize * _space.Width * _plan.OutputDimensions * _space.Roles.Count);
        double[] start = Score(CoordinateEmbeddings.OfPca(_space, _plan));
        double[] raw = Score(new RawEmbeddings(_examples, _plan.OutputDimensions));
        Best.Offer(_head, 0, start);
        _checkpoints.Resume();
        _progress.TrainingStarts();
        bool cancelled = Loop();
        if (_state.BadSteps > MostBadSteps)
        {
            _log.Warning($"The loss stopped being a number {_state.BadSteps} times; training ended at epoch {_state.Epoch} with the best head so far. Use a lower learning rate than {_plan.Options.LearningRate}.");
        }
        _progress.Report(MrlPhase.Done, _state.Epoch, _state.Steps, best: Best.MeanScore);
        HeadVerdict verdict = new HeadChoice(_plan, _examples, _scoring, _log).Choose(raw, start, Best, ScoreRows);
        return Finish(verdict.Winner, Summarise(verdict, cancelled));
    }

    public void Dispose()
    {
        _head.Dispose();
        _loss.Dispose();
    }

    /// <summary>Runs epochs until the last, until nothing gets better, until its time is up, or until it is cancelled.</summary>
    /// <returns>Whether it was cancelled.</returns>
    private bool Loop()
    {
        MrlFineTuneOptions options = _plan.Options;
        while (_state.Epoch < options.Epochs && _state.BadSteps <= MostBadSteps)
        {
            if (IsCancelled)
            {
                return true;
            }
            if (!_state.IsEpochOpen)
            {
                _state.BeginEpoch();
            }
            bool whole = RunEpoch();
            _state.IsEpochOpen = false;
            double[] scores = Score(CoordinateEmbeddings.Of(_space, _head));
            Best.Offer(_head, _state.Epoch, scores);
            double mean = BestHead.MeanOf(scores);
            _progress.Report(MrlPhase.Training, _state.Epoch, _state.Steps, _state.MeanLoss, mean, Best.MeanScore);
            _log.Info($"Epoch {_state.Epoch} of {options.Epochs}: loss {_state.MeanLoss:F4}, {options.Objective.ScoreName} {mean:F4}, best {Best.MeanScore:F4} at epoch {Best.Epoch}.");
            if (!whole)
            {
                return IsCancelled;
            }
            if (_split.Validation.Length > 0 && _state.Epoch - Best.Epoch >= options.Patience)
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
        int[] order = OrderOf(_state.Epoch);
        while (_state.StepInEpoch < _stepsPerEpoch && _state.BadSteps <= MostBadSteps)
        {
            if (IsCancelled || IsTimeUp)
            {
                _checkpoints.AfterStep(always: true);
                return false;
            }
            double loss = Step(order.AsSpan(_state.StepInEpoch * _batchSize, _batchSize), _schedule.At(_state.Steps) * Math.Pow(0.5, _state.BadSteps));
            _state.Steps++;
            _state.StepInEpoch++;
            if (double.IsFinite(loss))
            {
                _state.LossSum += loss;
                _state.LossCount++;
            }
            else
            {
                _state.BadSteps++;
            }
            _checkpoints.AfterStep();
            _progress.Report(MrlPhase.Training, _state.Epoch, _state.Steps, _state.MeanLoss, best: Best.MeanScore, always: false);
        }
        return true;
    }

    /// <summary>The order of the training rows in an epoch: a matter of the seed and the epoch alone, so that a training can go on from anywhere.</summary>
    private int[] OrderOf(int epoch)
    {
        int[] order = [.. _split.Training];
        new Random(unchecked(_plan.Seed * 1_000_003 + epoch)).Shuffle(order);
        _builder.Arrange(order, _batchSize);
        return order;
    }

    /// <summary>Takes one step, unless its loss or gradient is not finite.</summary>
    /// <returns>The loss, NaN where no step was taken.</returns>
    private double Step(ReadOnlySpan<int> rows, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = _loss.Forward(_batches.Read(rows));
        loss.backward();
        double value = loss.item<float>();
        return double.IsFinite(value) && _optimizer.Step(learningRate) ? value : double.NaN;
    }

    private double[] Score(IEmbeddingSource embeddings) =>
        _split.Validation.Length == 0 ? [] : _plan.Options.Objective.Score(_examples, _scoring, embeddings, _plan.Dimensions, _loss.Inner);

    private RowScores? ScoreRows(string candidate)
    {
        IEmbeddingSource embeddings = candidate switch
        {
            HeadChoice.Raw => new RawEmbeddings(_examples, _plan.OutputDimensions),
            HeadChoice.Pca => CoordinateEmbeddings.OfPca(_space, _plan),
            _ => BestLearned(),
        };
        return _plan.Options.Objective.ScoreRows(_examples, _scoring, embeddings, _plan.Dimensions, _loss.Inner);
    }

    private CoordinateEmbeddings BestLearned()
    {
        NumberSnapshot.Restore(_head.Numbers, Best.Numbers);
        return CoordinateEmbeddings.Of(_space, _head);
    }

    private EmbeddingHead Finish(string winner, TrainingSummary summary)
    {
        if (winner == HeadChoice.Raw)
        {
            return RawHead.Of(_plan, _examples.Anchors.Width, summary);
        }
        if (winner == HeadChoice.Pca)
        {
            return PcaHead.Of(_plan, _space, summary);
        }
        NumberSnapshot.Restore(_head.Numbers, Best.Numbers);
        return _head.ToHead(_space, _plan.Dimensions, summary);
    }

    private TrainingSummary Summarise(HeadVerdict verdict, bool cancelled)
    {
        bool scored = _split.Validation.Length > 0;
        return new TrainingSummary
        {
            Objective = _plan.Options.Objective.ToString(),
            Winner = verdict.Winner,
            Verdict = verdict.Text,
            Seed = _plan.Seed,
            TrainingRows = _split.Training.Length,
            ValidationRows = _split.Validation.Length,
            Epochs = _state.Epoch,
            BestEpoch = Best.Epoch,
            Cancelled = cancelled,
            ScoreName = scored ? _plan.Options.Objective.ScoreName : "",
            ValidationScores = verdict.Scores,
        };
    }
}
