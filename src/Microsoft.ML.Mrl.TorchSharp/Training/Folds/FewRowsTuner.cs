using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Folds;

/// <summary>
/// Chooses among several trainings where rows are few, and a tenth of them would choose by noise: every row is held back once
/// (cross-validation), so that all of them choose, and what is chosen is then trained on all rows. The weights after the last epoch count,
/// since the rows that say how good a training is must not also say when it ends.
/// </summary>
internal sealed partial class FewRowsTuner
{
    /// <summary>Of fewer rows everything is trained as often as there are folds; of more only what is best on the first.</summary>
    private const int FewerRows = 500;

    /// <summary>Fewer cannot be spread over the folds.</summary>
    private const int MinRows = 20;

    /// <summary>Of the directions of wide inputs: with more, to decompose each fold would take longer than to train.</summary>
    private const long MostDirectionValues = 1L << 24;

    private readonly ExampleSet _examples;
    private readonly RowStorage _storage;
    private readonly MrlLog _log;
    private readonly FitCall _call;
    private readonly Contender[] _contenders;
    private readonly Contender[] _solved;
    private readonly ExampleSplit[] _folds;
    private readonly ProgressReporter _progress;
    private readonly int _trialEpochs;
    private TrainingPlan _plan;
    private CheckpointFolder? _checkpoints;

    /// <summary>On how many folds is chosen what is trained on all of them.</summary>
    private readonly int _choosing;

    private FewRowsTuner(
        TrainingPlan plan, TrainingVariant[] variants, ExampleSet examples, ExampleSplit[] folds, RowStorage storage, MrlLog log,
        FitCall call)
    {
        _plan = plan;
        _examples = examples;
        _folds = folds;
        _storage = storage;
        _log = log;
        _call = call;
        _contenders = [.. variants.SelectMany(v => v.LearningRates.Select(rate => new Contender(v, rate)))];
        _solved = Contender.InClosedForm(plan, variants);
        _trialEpochs = plan.TrialEpochs(_contenders.Length);
        _choosing = examples.Count <= FewerRows ? folds.Length : 1;
        int epochs = _choosing * (_contenders.Length * _trialEpochs + TrainingPlan.Finalists * plan.Epochs)
            + (folds.Length - _choosing + 1) * plan.Epochs;
        int stepsPerEpoch = new TrainingTask(plan, examples, folds[0], new ScoringRows([], [])).StepsPerEpoch;
        // The last training learns from all rows.
        int stepsOfAll = examples.Count / Math.Min(plan.BatchSize, examples.Count);
        _progress = new ProgressReporter(
            call.Progress, epochs, (epochs - plan.Epochs) * stepsPerEpoch + plan.Epochs * stepsOfAll,
            _choosing * (_contenders.Length + TrainingPlan.Finalists) + folds.Length - _choosing + 1);
    }

    /// <summary>Trains; null where rows are not few, or cannot be held back in turn, or there is nothing to choose among.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="variants">What is tried.</param>
    /// <param name="examples">The rows.</param>
    /// <param name="storage">Where coordinates lie.</param>
    /// <param name="log">Is told what is trained, and the verdict.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    public static EmbeddingHead? TryTrain(
        TrainingPlan plan, TrainingVariant[] variants, ExampleSet examples, RowStorage storage, MrlLog log, FitCall call)
    {
        if (examples.Count > TrainingPlan.FewRows || examples.ValidationStart is not null || plan.Options.ValidationFraction == 0
            || variants.Sum(v => v.LearningRates.Count) < 2
            || (long)examples.Anchors.Width * Math.Min(examples.Count, TrainingSpace.MaxCoordinates) > MostDirectionValues)
        {
            return null;
        }
        ExampleSplit[] folds = ExampleFolds.Make(examples, examples.Count <= FewerRows ? 5 : 3, new Random(plan.Seed), log);
        return folds.Sum(fold => fold.Validation.Length) < MinRows || folds.Any(fold => fold.Validation.Length < 2) ? null
            : new FewRowsTuner(plan, variants, examples, folds, storage, log, call).Run();
    }

    private bool LearnsClasses => _examples.LearnsLabels && _examples.Labels is not null;

    private EmbeddingHead? Run()
    {
        Part[] parts =
        [
            .. _folds.Select(f => new Part(
                _plan, _examples, f with { Validation = [] }, new ScoringRows(f.Validation, f.Training), _storage)),
        ];
        try
        {
            using ThreadLimit threads = HeadTrainer.LimitThreads(
                parts[0].TaskOf(_contenders[0].Variant), parts[0].Space, isOneOfSeveral: true);
            var sideBySide = SideBySide.Of(_plan, threads, _log, _call.Cancellation);
            if (LearnsClasses)
            {
                int[] held = [.. _folds.SelectMany(fold => fold.Validation)];
                _plan = PcaChoice.Of(_plan, HeadChoice.UnitsOf(_examples, new ScoringRows(held, [])), plan =>
                    Baseline(With(plan), TrainingWinner.Pca) is { } ofFolds ? new FoldedMetric(ofFolds) : null);
                parts = With(_plan);
            }
            ResampledMetric[]? raw = Baseline(parts, TrainingWinner.Raw), pca = Baseline(parts, TrainingWinner.Pca);
            if (raw is null || pca is null)
            {
                return null;
            }
            using CheckpointStore? checkpoints = _plan.Options.CheckpointFolder is { } path ? new(path, _log) : null;
            if (checkpoints is not null)
            {
                _checkpoints = checkpoints.Folder("");
                using HeadTrainer first = parts[0].Create(_contenders[0].Variant);
                string identity = TrainingIdentity.Of(first, _contenders[0].LearningRate, _plan.Epochs);
                new TrainingMark(_checkpoints, checkpoints, $"{identity}\ntries {string.Join(", ", _contenders.Select(c => c.Name))}")
                    .Begin(_plan.Options.Resume);
            }
            return Choose(sideBySide, parts, raw, pca);
        }
        finally
        {
            Array.ForEach(parts, part => part.Dispose());
        }

        Part[] With(TrainingPlan plan) => Array.ConvertAll(parts, part => part.With(plan));
    }

    private EmbeddingHead Choose(SideBySide sideBySide, Part[] parts, ResampledMetric[] raw, ResampledMetric[] pca)
    {
        _progress.TrainingStarts();
        HeadChoice first = ChoiceOn(_choosing);
        var tried = new List<LearnedCandidate>();
        var candidates = new List<LearnedCandidate>();
        var learners = new List<FoldedLearner>();
        try
        {
            // As many as can train at once, since each has heads of its own.
            foreach (Contender[] some in _contenders.Chunk(Math.Max(1, sideBySide.AtOnce / _choosing)))
            {
                learners.AddRange(some.Select(contender => new FoldedLearner(contender)));
                if (Train(sideBySide, learners, parts[.._choosing], _trialEpochs) is { } early)
                {
                    return early;
                }
                tried.AddRange(learners.SelectMany(learner => CandidatesOf(learner, first, _trialEpochs, isTrial: true)));
                learners.ForEach(learner => learner.Dispose());
                learners.Clear();
            }
            learners.AddRange(HeadChoice.Sorted(tried).Select(c => c.Run.Name).Distinct().Take(TrainingPlan.Finalists)
                .Select(finalist => new FoldedLearner(_contenders.First(c => c.Name == finalist))));
            if (Train(sideBySide, learners, parts[.._choosing], _plan.Epochs) is { } ended)
            {
                return ended;
            }
            candidates.AddRange(learners.SelectMany(learner => CandidatesOf(learner, first, _plan.Epochs, isTrial: false)));
            HeadChoice last = ChoiceOn(parts.Length);
            if (_choosing < parts.Length && candidates.Count > 0)
            {
                FoldedLearner learner = learners.First(l => l.Contender.Name == HeadChoice.Sorted(candidates)[0].Run.Name);
                if (Train(sideBySide, [learner], parts[_choosing..], _plan.Epochs) is { } early)
                {
                    return early;
                }
                candidates = [.. CandidatesOf(learner, last, _plan.Epochs, isTrial: false)];
            }
            foreach (Contender contender in _solved)
            {
                learners.Add(new FoldedLearner(contender));
                Array.ForEach(parts, learners[^1].Solve);
                candidates.AddRange(CandidatesOf(learners[^1], last, epochs: 0, isTrial: false));
            }
            return OfAllRows(last.Choose(candidates));
        }
        finally
        {
            learners.ForEach(learner => learner.Dispose());
        }

        HeadChoice ChoiceOn(int folds)
        {
            var baselines = new FoldedBaselines(new FoldedMetric(raw[..folds]), new FoldedMetric(pca[..folds]));
            var rows = new ScoringRows([.. _folds.Take(folds).SelectMany(fold => fold.Validation)], []);
            return new HeadChoice(_plan, _examples, rows, baselines, baselines.Raw.Score(), baselines.Pca.Score(), folds: folds);
        }
    }

    /// <summary>What can be made of what was learned; where the full width is to be that of the start, with that behind it.</summary>
    private IEnumerable<LearnedCandidate> CandidatesOf(FoldedLearner learner, HeadChoice choice, int epochs, bool isTrial)
    {
        var run = new TrainedRun(
            learner.Contender.Name, choice.Baselines, [], epochs, new BestHead { Epoch = epochs }, learner.CanPutStartBehind)
        {
            NeedsNoLead = learner.Contender.Shrinkage is not null && _examples.Scores is not null,
        };
        bool searches = !isTrial && learner.CanPutStartBehind && _plan.Options.Gate != HarmGate.Off;
        var search = new ShapeSearch(_plan, Measure);
        if (learner.Contender.Shrinkage is not null)
        {
            // With scores, what is expected of every direction orders those that the pairs say little of; with classes, variance does.
            return search.RunOnClosedForm(canTurn: _examples.Scores is null && !LearnsClasses);
        }
        return search.Run(searches).Where(c => !_plan.Transfer || !searches || c.Shape.Columns is not null);

        LearnedCandidate? Measure(CandidateShape shape) => learner.Score(shape) is { } metric
            ? choice.Measured(run, shape, () => [], metric.Score(), metric) : null;
    }

    /// <summary>Trains each without each of some folds.</summary>
    /// <returns>A head where the training was ended on the way; else null.</returns>
    private EmbeddingHead? Train(SideBySide sideBySide, IEnumerable<FoldedLearner> learners, Part[] parts, int epochs)
    {
        (FoldedLearner Learner, Part Part, Entrant Entrant)[] all =
            [.. learners.SelectMany(learner => parts.Select(part => (learner, part, learner.Enter(part))))];
        var ended = new (TrainingLoop? Loop, bool IsEarly)[all.Length];
        sideBySide.Run(all.Length, (i, log, stop) =>
        {
            log.Info($"Training with {all[i].Learner.Contender.Name} on {all[i].Part.Rows} of {_examples.Count} rows.");
            TrainingLoop loop = Train(all[i].Entrant, epochs, log, stop);
            ended[i] = (loop, loop.IsCancelled || loop.IsTimeUp);
            return !ended[i].IsEarly;
        });
        int early = Array.FindIndex(ended, own => own.IsEarly);
        if (early >= 0)
        {
            return Stopped(all[early].Part, all[early].Entrant, ended[early].Loop!);
        }
        for (int i = 0; i < all.Length; i++)
        {
            all[i].Learner.Keep(all[i].Entrant, ended[i].Loop!.Best.Weights);
        }
        return null;
    }

    private TrainingLoop Train(
        Entrant entrant, int epochs, MrlLog log, CancellationToken cancellation, CheckpointFolder? checkpoints = null)
    {
        var stage = new TrainingStage(entrant.Name, entrant.LearningRate, epochs, checkpoints) { LogsEpochs = false };
        // One that was ended while it chose has none yet.
        ResumeMode resume = checkpoints is null ? ResumeMode.Never
            : _plan.Options.Resume == ResumeMode.Required ? ResumeMode.WhenPossible : _plan.Options.Resume;
        var loop = new TrainingLoop(entrant.Trained, entrant.Scores, stage, resume, log, _progress, cancellation);
        loop.Prepare();
        loop.Run([]);
        return loop;
    }

    private ResampledMetric[]? Baseline(Part[] parts, TrainingWinner baseline)
    {
        var ofFolds = new List<ResampledMetric>();
        foreach (Part part in parts)
        {
            using HeadTrainer trainer = part.Create(_contenders[0].Variant);
            if (new HeldOutScores(trainer).ScoreRows(baseline, null) is not { } metric)
            {
                return null;
            }
            ofFolds.Add(metric);
        }
        return [.. ofFolds];
    }
}
