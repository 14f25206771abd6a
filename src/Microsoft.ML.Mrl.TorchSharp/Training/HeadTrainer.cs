using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Trains one linear head: the loop, the schedule, the choice of the best epoch.</summary>
internal sealed class HeadTrainer : IDisposable
{
    private const int MostBadSteps = 5;

    private readonly TrainingPlan _plan;
    private readonly ExampleSet _examples;
    private readonly ExampleSplit _split;
    private readonly TrainingSpace _space;
    private readonly MrlLog _log;
    private readonly ProgressReporter _progress;
    private readonly Random _random;
    private readonly ScoringRows _scoring;
    private readonly LinearHeadModule _head;
    private readonly BatchReader _batches;
    private readonly MatryoshkaLoss _loss;
    private readonly int _batchSize;
    private readonly int _stepsPerEpoch;
    private int _steps;

    public HeadTrainer(TrainingPlan plan, ExampleSet examples, ExampleSplit split, TrainingSpace space, Random random, MrlLog log)
    {
        MrlFineTuneOptions options = plan.Options;
        _plan = plan;
        _examples = examples;
        _split = split;
        _space = space;
        _random = random;
        _log = log;
        _scoring = ScoringRows.Choose(split, random);
        _batchSize = Math.Min(options.BatchSize, split.Training.Length);
        _stepsPerEpoch = split.Training.Length / _batchSize;
        _progress = new ProgressReporter(options.Progress, options.Epochs, options.Epochs * _stepsPerEpoch);
        _head = new LinearHeadModule(space.Width, plan.OutputDimensions);
        _batches = new BatchReader(examples, space, _head);
        _loss = new MatryoshkaLoss(options.Objective.CreateLoss(examples, plan.Dimensions), plan.Dimensions, options.DimensionWeights);
    }

    public LinearHead Train()
    {
        MrlFineTuneOptions options = _plan.Options;
        using var threads = new ThreadLimit((double)_batchSize * _space.Width * _plan.OutputDimensions * _space.Roles.Count);
        using var best = new BestHead(_head);
        double[] pca = Score(new CoordinateEmbeddings(_space, _head));
        double[] raw = Score(new RawEmbeddings(_examples, _plan.OutputDimensions));
        best.Offer(_head, 0, pca);
        _progress.TrainingStarts();

        var optimizer = new AdamW([.. _head.parameters(), .. _loss.Parameters], options.WeightDecay);
        var schedule = new LearningRateSchedule(options.LearningRate, options.Epochs * _stepsPerEpoch, options.WarmUpFraction);
        int epoch = 0;
        int badSteps = 0;
        bool cancelled = false;
        while (epoch < options.Epochs && !cancelled && badSteps <= MostBadSteps)
        {
            if (options.CancellationToken.IsCancellationRequested)
            {
                cancelled = true;
                break;
            }
            epoch++;
            double meanLoss = RunEpoch(epoch, optimizer, schedule, best.MeanScore, ref badSteps, out cancelled);
            double[] scores = Score(new CoordinateEmbeddings(_space, _head));
            best.Offer(_head, epoch, scores);
            double mean = BestHead.MeanOf(scores);
            _progress.Report(MrlPhase.Training, epoch, _steps, meanLoss, mean, best.MeanScore);
            _log.Info($"Epoch {epoch} of {options.Epochs}: loss {meanLoss:F4}, {options.Objective.ScoreName} {mean:F4}, best {best.MeanScore:F4} at epoch {best.Epoch}.");
            if (_split.Validation.Length > 0 && epoch - best.Epoch >= options.Patience)
            {
                break;
            }
        }
        if (badSteps > MostBadSteps)
        {
            _log.Warning($"The loss stopped being a number {badSteps} times; training ended at epoch {epoch} with the best head so far. Use a lower learning rate than {options.LearningRate}.");
        }
        _progress.Report(MrlPhase.Done, epoch, _steps, best: best.MeanScore);
        return Choose(best, raw, pca, epoch, cancelled);
    }

    public void Dispose()
    {
        _head.Dispose();
        _loss.Dispose();
    }

    private double RunEpoch(int epoch, AdamW optimizer, LearningRateSchedule schedule, double bestScore, ref int badSteps, out bool cancelled)
    {
        int[] order = [.. _split.Training];
        _random.Shuffle(order);
        double total = 0;
        int done = 0;
        cancelled = false;
        for (int i = 0; i < _stepsPerEpoch && badSteps <= MostBadSteps; i++)
        {
            if (_plan.Options.CancellationToken.IsCancellationRequested)
            {
                cancelled = true;
                break;
            }
            double loss = Step(order.AsSpan(i * _batchSize, _batchSize), optimizer, schedule.At(_steps) * Math.Pow(0.5, badSteps));
            _steps++;
            if (!double.IsFinite(loss))
            {
                badSteps++;
                continue;
            }
            total += loss;
            done++;
            _progress.Report(MrlPhase.Training, epoch, _steps, total / done, best: bestScore, always: false);
        }
        return done > 0 ? total / done : double.NaN;
    }

    /// <summary>Takes one step, unless its loss or gradient is not finite.</summary>
    /// <returns>The loss, NaN where no step was taken.</returns>
    private double Step(ReadOnlySpan<int> rows, AdamW optimizer, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = _loss.Forward(_batches.Read(rows));
        loss.backward();
        double value = loss.item<float>();
        return double.IsFinite(value) && optimizer.Step(learningRate) ? value : double.NaN;
    }

    private double[] Score(IEmbeddingSource embeddings) =>
        _split.Validation.Length == 0 ? [] : _plan.Options.Objective.Score(_examples, _scoring, embeddings, _plan.Dimensions);

    /// <summary>Of raw, PCA and learned, returns the one that does best on the rows held back.</summary>
    private LinearHead Choose(BestHead best, double[] raw, double[] pca, int epochs, bool cancelled)
    {
        bool scored = _split.Validation.Length > 0;
        string winner = "learned";
        if (scored && double.IsNaN(best.MeanScore))
        {
            _log.Warning($"{_plan.Options.Objective.ScoreName} is not a number on the {_split.Validation.Length} rows held back, so the learned head was compared with nothing. Train on more rows or raise ValidationFraction.");
        }
        else if (scored)
        {
            winner = best.Epoch == 0 ? "PCA" : "learned";
            if (BestHead.MeanOf(raw) > best.MeanScore)
            {
                winner = "raw";
            }
            if (winner != "learned")
            {
                _log.Warning($"Learning did not beat the {winner} prefix on {_split.Validation.Length} rows held back ({_plan.Options.Objective.ScoreName}: " +
                    $"raw {BestHead.MeanOf(raw):F4}, PCA {BestHead.MeanOf(pca):F4}, learned {BestHead.MeanOf(best.LearnedScores):F4}). The {winner} prefix is returned.");
            }
        }
        else
        {
            _log.Warning("No rows were held back, so the learned head was compared with nothing. Set ValidationFraction above 0 to be sure that it helps.");
        }
        var summary = new TrainingSummary
        {
            Objective = _plan.Options.Objective.ToString(),
            Winner = winner,
            Seed = _plan.Seed,
            TrainingRows = _split.Training.Length,
            ValidationRows = _split.Validation.Length,
            Epochs = epochs,
            BestEpoch = best.Epoch,
            Cancelled = cancelled,
            ScoreName = scored ? _plan.Options.Objective.ScoreName : "",
            ValidationScores = scored ? [.. _plan.Dimensions.Select((m, i) => new ValidationScore(m, raw[i], pca[i], i < best.LearnedScores.Length ? best.LearnedScores[i] : double.NaN))] : [],
        };
        return winner == "raw"
            ? RawHead.Of(_examples.Anchors.Width, _plan.OutputDimensions, _plan.Dimensions, summary)
            : _space.ToHead(best.Map, best.Bias, _plan.Dimensions, summary);
    }
}
