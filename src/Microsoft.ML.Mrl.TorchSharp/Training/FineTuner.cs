using System.Globalization;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// Trains whatever gives embeddings, compares what was learned with the raw and the PCA prefix, and says what to hand back. Where learning
/// rate or kind are left open, all are tried for a few epochs, the best two for all epochs, and the gate chooses among all of them and what
/// lies between them and their start. Those of one stage know nothing of each other, and may train side by side.
/// </summary>
internal sealed class FineTuner
{
    private readonly Entrant[] _entrants;
    private readonly TrainingTask _task;
    private readonly MrlLog _log;
    private readonly FitCall _call;
    private readonly ProgressReporter _progress;
    private readonly SideBySide _sideBySide;
    private readonly int _trialEpochs;
    private TrainedRun? _last;
    private bool _isCancelled;
    private bool _isTimeUp;

    /// <param name="trained">What learns, each at its first learning rate: one thing, or several, kinds of the same or equal ones.</param>
    /// <param name="log">Is told every epoch's scores.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    /// <param name="sideBySide">Runs the trainings; null for one after the other.</param>
    public FineTuner(IReadOnlyList<ITrained> trained, MrlLog log, FitCall call, SideBySide? sideBySide = null)
    {
        _task = trained[0].Task;
        _log = log;
        _call = call;
        TrainingPlan plan = _task.Plan;
        _sideBySide = sideBySide ?? new SideBySide(1, log, call.Cancellation);
        bool namesKind = trained.Select(KindOf).Distinct().Skip(1).Any();
        // Without rows to choose by there is nothing to try: the last kind is the plainest.
        _entrants = _task.HasValidation
            ? [.. trained.Select(t => new Entrant(t, t.Task.Plan.LearningRates[0], trained.Count > 1, namesKind))]
            : [Alone(trained.First(t => KindOf(t) == KindOf(trained[^1])))];
        _trialEpochs = plan.TrialEpochs(_entrants.Length);
        int epochs = _entrants.Length == 1 ? plan.Epochs : _entrants.Length * _trialEpochs + TrainingPlan.Finalists * plan.Epochs;
        _progress = new ProgressReporter(
            call.Progress, epochs, epochs * _task.StepsPerEpoch, _entrants.Length == 1 ? 1 : _entrants.Length + TrainingPlan.Finalists);

        static Entrant Alone(ITrained one) => new(one, one.Task.Plan.LearningRates[0], isOneOfSeveral: false, namesKind: false);

        static (HeadKind, MrlObjective, double) KindOf(ITrained one) =>
            (one.Task.Plan.Head, one.Task.Plan.Learned, one.Task.Plan.Geometry);
    }

    /// <summary>Trains and decides.</summary>
    /// <exception cref="IOException">The folder of the checkpoints cannot be made or written to, or another training uses it.</exception>
    public TrainingResult Run()
    {
        TrainingPlan plan = _task.Plan;
        using CheckpointStore? checkpoints = plan.Options.CheckpointFolder is { } path ? new(path, _log) : null;
        bool isOneOfSeveral = _entrants.Length > 1;
        double[] pca = _entrants[0].Scores.OfPca();
        double[] raw = _entrants[0].Scores.OfRaw();
        _progress.TrainingStarts();
        ITrained compared = _entrants[0].Trained;
        var choice = new HeadChoice(plan, _task.Examples, _task.Scoring, _entrants[0].Scores, raw, pca, compared.PcaName,
            mustLeadEverywhere: compared.MustLeadEverywhere);
        LearnedCandidate[][] tried = TrainAll(_entrants, isTrial: isOneOfSeveral);
        IEnumerable<LearnedCandidate> candidates = tried.SelectMany(own => own);
        if (isOneOfSeveral)
        {
            LearnedCandidate[] best =
                HeadChoice.Sorted(tried.Select(own => HeadChoice.Sorted(own).FirstOrDefault()).OfType<LearnedCandidate>());
            Entrant[] finalists = [.. best.Take(TrainingPlan.Finalists).Select(b => EntrantOf(b.Run))];
            candidates = candidates.Concat(TrainAll(finalists, isTrial: false).SelectMany(own => own));
        }
        return Decide(choice, candidates);

        LearnedCandidate[][] TrainAll(Entrant[] entrants, bool isTrial)
        {
            var runs = new TrainedRun?[entrants.Length];
            var learned = new LearnedCandidate[entrants.Length][];
            Array.Fill(learned, []);
            if (!_isCancelled && !_isTimeUp)
            {
                _sideBySide.Run(entrants.Length, (i, log, stop) =>
                {
                    TrainingLoop loop = LoopOf(entrants[i], log, checkpoints, isTrial, stop);
                    (runs[i], learned[i]) = Train(entrants[i], loop, log, pca, choice, isTrial);
                    if (loop.IsCancelled)
                    {
                        _isCancelled = true;
                    }
                    if (loop.IsTimeUp)
                    {
                        _isTimeUp = true;
                    }
                    return !loop.IsCancelled && !loop.IsTimeUp;
                });
            }
            _last = runs.OfType<TrainedRun>().LastOrDefault() ?? _last;
            return learned;
        }
    }

    private TrainingLoop LoopOf(Entrant entrant, MrlLog log, CheckpointStore? checkpoints, bool isTrial, CancellationToken stop)
    {
        TrainingPlan plan = _task.Plan;
        int epochs = isTrial ? _trialEpochs : plan.Epochs;
        string name = string.Concat(entrant.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'));
        string folder = _entrants.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"{name}-{epochs}") : "";
        var stage = new TrainingStage(_entrants.Length > 1 ? entrant.Name : "", entrant.LearningRate, epochs, checkpoints?.Folder(folder));
        // Later trainings of the family may not have begun when the first was saved.
        bool isFirst = entrant == _entrants[0] && isTrial == _entrants.Length > 1;
        ResumeMode resume = plan.Options.Resume == ResumeMode.Required && !isFirst ? ResumeMode.WhenPossible : plan.Options.Resume;
        var loop = new TrainingLoop(entrant.Trained, entrant.Scores, stage, resume, log, _progress, stop);
        loop.Prepare();
        return loop;
    }

    private (TrainedRun Run, LearnedCandidate[] Learned) Train(
        Entrant entrant, TrainingLoop loop, MrlLog log, double[] pca, HeadChoice choice, bool isTrial)
    {
        if (_entrants.Length > 1)
        {
            log.Info($"Training with {entrant.Name}.");
            entrant.Restart();
        }
        loop.Run(pca);
        TrainingPlan plan = _task.Plan;
        BestHead best = loop.Best;
        bool canPutStartBehind = entrant.Trained.CanPutStartBehind;
        var run = new TrainedRun(_entrants.Length > 1 ? entrant.Name : "", entrant.Scores, entrant.Start, loop.Epochs, best,
            canPutStartBehind);
        if (best.Weights.Length == 0)
        {
            return (run, []);
        }
        var learned = new LearnedWeights(entrant, best.Weights);
        bool searches = !isTrial && canPutStartBehind && _task.HasValidation && plan.Options.Gate != HarmGate.Off
            && !loop.IsCancelled && !loop.IsTimeUp;
        return (run, _task.HasValidation ? [.. new ShapeSearch(plan, Measure).Run(searches)] : [Measure(CandidateShape.Learned)]);

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
        ITrained trained = EntrantOf(run).Trained;
        return new TrainingResult(
            _task.Summarise(verdict, run, _task.Split.Validation.Length, _isCancelled), trained, isLearned ? candidate!.Weights() : []);
    }

    private Entrant EntrantOf(TrainedRun run) => _entrants.First(e => ReferenceEquals(e.Scores, run.Scores));

    private string Tried() => _entrants.Length == 1 ? ""
        : ChoiceWords.Tried(_entrants.Select(e => e.Name), _trialEpochs, $"up to {_task.Plan.Epochs}");

    private static string Of(LearnedCandidate? candidate, bool isLearned) =>
        candidate is null ? "" : ChoiceWords.Of(candidate, isLearned);

    private string Kept(LearnedCandidate candidate)
    {
        Entrant entrant = EntrantOf(candidate.Run);
        return _task.HasValidation ? ChoiceWords.Kept(entrant.Trained, entrant.Scores, candidate.Weights()) : "";
    }
}
