using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Folds;

/// <content>What comes back: what was chosen, trained on all rows, or what there is where the training was ended.</content>
internal sealed partial class FewRowsTuner
{
    /// <summary>What was chosen, trained on all rows.</summary>
    private EmbeddingHead OfAllRows((HeadVerdict, LearnedCandidate?) choice)
    {
        (HeadVerdict verdict, LearnedCandidate? candidate) = choice;
        int[] all = [.. Enumerable.Range(0, _examples.Count)];
        using var part = new Part(
            _plan, _examples, new ExampleSplit(all, []), ScoringRows.Choose(new ExampleSplit(all, all), new Random(_plan.Seed)), _storage);
        bool isLearned = verdict.Winner == TrainingWinner.Learned && candidate is not null;
        Contender contender = candidate is null ? _contenders[0] : _contenders.Concat(_solved).First(c => c.Name == candidate.Run.Name);
        using HeadTrainer trainer = part.Create(isLearned ? contender.Variant : _contenders[0].Variant);
        (float[][] weights, string kept) = ([], "");
        bool isCancelled = false;
        if (isLearned)
        {
            Entrant entrant = contender.Enter(trainer);
            if (contender.Shrinkage is { } shrinkage)
            {
                using ClosedForm form = trainer.InClosedForm(shrinkage);
                weights = form.IsFinite ? form.As(candidate!.Shape) : [];
            }
            else
            {
                (float[][] learned, isCancelled) = TrainToTheEnd(entrant, candidate!.Run.Epochs);
                weights = learned.Length == 0 ? [] : new LearnedWeights(entrant, learned).As(candidate.Shape);
            }
            if (weights.Length == 0)
            {
                TrainingWinner better = HarmCriterion.Baseline(verdict.Scores);
                verdict = verdict with
                {
                    Winner = better,
                    Text = $"{verdict.Text} But the training on all rows was ended early, so the better of raw and PCA is returned.",
                };
            }
            else
            {
                kept = ChoiceWords.Kept(trainer, entrant.Scores, weights);
            }
        }
        string tried = ChoiceWords.Tried(_contenders.Select(c => c.Name), _trialEpochs, $"{_plan.Epochs}", _solved.Select(c => c.Name))
            + (candidate is null ? "" : ChoiceWords.Of(candidate, weights.Length > 0));
        return Return(trainer, part, verdict with { Text = verdict.Text + tried + kept }, weights, candidate?.Run, isCancelled);
    }

    /// <summary>The weights after the last epoch; nothing where the training was ended before.</summary>
    private (float[][] Weights, bool IsCancelled) TrainToTheEnd(Entrant entrant, int epochs)
    {
        TrainingLoop loop = Train(entrant, epochs, _log, _call.Cancellation, _checkpoints);
        return (loop.IsCancelled || loop.IsTimeUp ? [] : loop.Best.Weights, loop.IsCancelled);
    }

    /// <summary>What there is where the training was ended before it chose: the head that was being trained, if it helps.</summary>
    private EmbeddingHead Stopped(Part part, Entrant entrant, TrainingLoop loop)
    {
        double[] raw = entrant.Scores.ScoreRows(TrainingWinner.Raw, null)!.Score();
        double[] pca = entrant.Scores.ScoreRows(TrainingWinner.Pca, null)!.Score();
        var choice = new HeadChoice(_plan, _examples, part.Scoring, entrant.Scores, raw, pca);
        var run = new TrainedRun(entrant.Name, entrant.Scores, entrant.Start, loop.Epochs, loop.Best);
        float[][] weights = loop.Best.Weights;
        (HeadVerdict verdict, _) =
            choice.Choose(weights.Length == 0 ? [] : [Measured(entrant.Scores.ScoreRows(TrainingWinner.Learned, weights)!)]);
        bool isLearned = verdict.Winner == TrainingWinner.Learned;
        verdict = verdict with
        {
            Text = $"The training was ended before it could choose, while it tried {entrant.Name}. {verdict.Text}",
            IsWarning = true,
        };
        return Return(
            (HeadTrainer)entrant.Trained, part, verdict, isLearned ? weights : [], run, loop.IsCancelled, part.Scoring.Held.Length);

        LearnedCandidate Measured(ResampledMetric rows) => choice.Measured(run, CandidateShape.Learned, () => weights, rows.Score(), rows);
    }

    private EmbeddingHead Return(
        HeadTrainer trainer, Part part, HeadVerdict verdict, float[][] weights, TrainedRun? run, bool isCancelled, int? held = null)
    {
        verdict.Tell(_log);
        _progress.Report(MrlPhase.Done, best: verdict.Scores.Average(s => s.Learned));
        TrainingSummary summary =
            trainer.Task.Summarise(verdict, run, held ?? _folds.Sum(fold => fold.Validation.Length), isCancelled);
        return HeadTrainer.HeadOf(new TrainingResult(summary, trainer, weights), part.Space);
    }
}
