using System.Globalization;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// Trains whatever gives embeddings, compares what was learned with the raw and the PCA prefix, and says what to hand back. Where learning
/// rate or kind are left open, all are tried for a few epochs, the best two for all epochs, and the gate chooses among all of them and what
/// lies between them and their start.
/// </summary>
internal sealed class FineTuner
{
    private readonly Entrant[] _entrants;
    private readonly TrainingTask _task;
    private readonly MrlLog _log;
    private readonly FitCall _call;
    private readonly ProgressReporter _progress;
    private readonly int _trialEpochs;
    private TrainedRun? _last;
    private bool _isCancelled;
    private bool _isTimeUp;

    /// <param name="trained">What learns: one thing, or several kinds of the same.</param>
    /// <param name="log">Is told every epoch's scores.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    public FineTuner(IReadOnlyList<ITrained> trained, MrlLog log, FitCall call)
    {
        _task = trained[0].Task;
        _log = log;
        _call = call;
        TrainingPlan plan = _task.Plan;
        // Without rows to choose by there is nothing to try: the last is the plainest.
        _entrants = _task.HasValidation
            ? EntrantsOf(trained)
            : [new Entrant(trained[^1], trained[^1].Task.Plan.LearningRates[0], isOneOfSeveral: false, namesKind: false)];
        _trialEpochs = plan.TrialEpochs(_entrants.Length);
        int epochs = _entrants.Length == 1 ? plan.Epochs : _entrants.Length * _trialEpochs + TrainingPlan.Finalists * plan.Epochs;
        _progress = new ProgressReporter(
            call.Progress, epochs, epochs * _task.StepsPerEpoch, _entrants.Length == 1 ? 1 : _entrants.Length + TrainingPlan.Finalists);
    }

    private static Entrant[] EntrantsOf(IReadOnlyList<ITrained> trained)
    {
        bool isOneOfSeveral = trained.Sum(t => t.Task.Plan.LearningRates.Count) > 1;
        return [.. trained.SelectMany(t => t.Task.Plan.LearningRates.Select(rate => new Entrant(t, rate, isOneOfSeveral,
            trained.Count > 1)))];
    }

    /// <summary>Trains and decides.</summary>
    /// <exception cref="IOException">The folder of the checkpoints cannot be made or written to, or another training uses it.</exception>
    public TrainingResult Run()
    {
        TrainingPlan plan = _task.Plan;
        using CheckpointStore? checkpoints = plan.Options.CheckpointFolder is { } path ? new(path, _log) : null;
        (TrainingLoop first, TrainingStage _) = LoopOf(_entrants[0], checkpoints, isTrial: _entrants.Length > 1, isFirst: true);
        double[] pca = _entrants[0].Scores.OfPca();
        double[] raw = _entrants[0].Scores.OfRaw();
        _progress.TrainingStarts();
        ITrained compared = _entrants[0].Trained;
        var choice = new HeadChoice(plan, _task.Examples, _task.Scoring, _entrants[0].Scores, raw, pca, compared.PcaName,
            mustLeadEverywhere: compared.MustLeadEverywhere);
        var candidates = new List<LearnedCandidate>();
        if (_entrants.Length == 1)
        {
            candidates.AddRange(Train(_entrants[0], first, pca, choice, isTrial: false));
            return Decide(choice, candidates);
        }
        var tried = new List<(Entrant Entrant, LearnedCandidate? Best)>();
        foreach (Entrant entrant in _entrants)
        {
            if (_isCancelled || _isTimeUp)
            {
                break;
            }
            TrainingLoop loop = entrant == _entrants[0] ? first : LoopOf(entrant, checkpoints, isTrial: true).Loop;
            IReadOnlyList<LearnedCandidate> learned = Train(entrant, loop, pca, choice, isTrial: true);
            candidates.AddRange(learned);
            tried.Add((entrant, HeadChoice.Sorted(learned).FirstOrDefault()));
        }
        LearnedCandidate[] best = HeadChoice.Sorted(tried.Select(t => t.Best).OfType<LearnedCandidate>());
        foreach (Entrant entrant in best.Take(TrainingPlan.Finalists).Select(b => tried.First(t => t.Best == b).Entrant))
        {
            if (_isCancelled || _isTimeUp)
            {
                break;
            }
            candidates.AddRange(Train(entrant, LoopOf(entrant, checkpoints, isTrial: false).Loop, pca, choice, isTrial: false));
        }
        return Decide(choice, candidates);
    }

    private (TrainingLoop Loop, TrainingStage Stage) LoopOf(Entrant entrant, CheckpointStore? checkpoints, bool isTrial,
        bool isFirst = false)
    {
        TrainingPlan plan = _task.Plan;
        int epochs = isTrial ? _trialEpochs : plan.Epochs;
        string name = string.Concat(entrant.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'));
        string folder = _entrants.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"{name}-{epochs}") : "";
        var stage = new TrainingStage(_entrants.Length > 1 ? entrant.Name : "", entrant.LearningRate, epochs, checkpoints?.Folder(folder));
        // Later trainings of the family may not have begun when the first was saved.
        ResumeMode resume = plan.Options.Resume == ResumeMode.Required && !isFirst ? ResumeMode.WhenPossible : plan.Options.Resume;
        var loop = new TrainingLoop(entrant.Trained, entrant.Scores, stage, resume, _log, _progress, _call.Cancellation);
        loop.Prepare();
        return (loop, stage);
    }

    private IReadOnlyList<LearnedCandidate> Train(Entrant entrant, TrainingLoop loop, double[] pca, HeadChoice choice, bool isTrial)
    {
        if (_entrants.Length > 1)
        {
            _log.Info($"Training with {entrant.Name}.");
            entrant.Restart();
        }
        _progress.Begin(loop.MostEpochs);
        loop.Run(pca);
        _progress.End(loop.Epochs, loop.Steps);
        _isCancelled = loop.IsCancelled;
        _isTimeUp = loop.IsTimeUp;
        TrainingPlan plan = _task.Plan;
        BestHead best = loop.Best;
        bool canPutStartBehind = entrant.Trained.CanPutStartBehind;
        var run = new TrainedRun(_entrants.Length > 1 ? entrant.Name : "", entrant.Scores, entrant.Start, loop.Epochs, best,
            canPutStartBehind);
        _last = run;
        if (best.Weights.Length == 0)
        {
            return [];
        }
        var learned = new LearnedWeights(entrant, best.Weights);
        bool searches = !isTrial && canPutStartBehind && _task.HasValidation && plan.Options.Gate != HarmGate.Off
            && !_isCancelled && !_isTimeUp;
        return _task.HasValidation ? new ShapeSearch(plan, Measure).Run(searches) : [Measure(CandidateShape.Learned)];

        LearnedCandidate Measure(CandidateShape shape) => choice.Measure(
            run, shape, () => learned.As(shape), shape == CandidateShape.Learned ? best.LearnedScores : null);
    }

    private TrainingResult Decide(HeadChoice choice, IEnumerable<LearnedCandidate> candidates)
    {
        (HeadVerdict verdict, LearnedCandidate? candidate) = choice.Choose(
            candidates.Where(c => !_task.Plan.Transfer || !c.Run.CanPutStartBehind || c.Shape.Columns is not null));
        bool isLearned = verdict.Winner == TrainingWinner.Learned && candidate is not null;
        verdict = verdict with { Text = verdict.Text + Tried() + Of(candidate, isLearned) + (isLearned ? Kept(candidate!) : "") };
        verdict.Tell(_log);
        TrainedRun run = candidate?.Run ?? _last!;
        _progress.Report(MrlPhase.Done, best: run.Best.MeanScore);
        ITrained trained = _entrants.First(e => ReferenceEquals(e.Scores, run.Scores)).Trained;
        return new TrainingResult(
            _task.Summarise(verdict, run, _task.Split.Validation.Length, _isCancelled), trained, isLearned ? candidate!.Weights() : []);
    }

    private string Tried() => _entrants.Length == 1 ? ""
        : ChoiceWords.Tried(_entrants.Select(e => e.Name), _trialEpochs, $"up to {_task.Plan.Epochs}");

    private static string Of(LearnedCandidate? candidate, bool isLearned) =>
        candidate is null ? "" : ChoiceWords.Of(candidate, isLearned);

    private string Kept(LearnedCandidate candidate)
    {
        Entrant entrant = _entrants.First(e => ReferenceEquals(e.Scores, candidate.Run.Scores));
        return _task.HasValidation ? ChoiceWords.Kept(entrant.Trained, entrant.Scores, candidate.Weights()) : "";
    }
}
