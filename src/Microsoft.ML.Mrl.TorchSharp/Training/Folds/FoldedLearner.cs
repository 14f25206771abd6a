using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Folds;

/// <summary>One contender, trained without each of some folds: a head and what it learned for each.</summary>
internal sealed class FoldedLearner(Contender contender) : IDisposable
{
    private readonly List<HeadTrainer> _trainers = [];
    private readonly List<(Entrant Entrant, Func<CandidateShape, float[][]>? Learned)> _folds = [];
    private readonly List<ClosedForm> _solved = [];

    public Contender Contender => contender;

    /// <summary>Whether learned values can have those of the start behind them.</summary>
    public bool CanPutStartBehind => _trainers[0].CanPutStartBehind;

    /// <summary>Makes a head for one more fold.</summary>
    public Entrant Enter(Part part)
    {
        _trainers.Add(part.Create(contender.Variant));
        return contender.Enter(_trainers[^1]);
    }

    /// <summary>Keeps what a head has learned; nothing where that is not finite.</summary>
    public void Keep(Entrant entrant, float[][] weights) =>
        _folds.Add((entrant, weights.Length == 0 ? null : new LearnedWeights(entrant, weights).As));

    /// <summary>Finds the head of one more fold in closed form.</summary>
    public void Solve(Part part)
    {
        Entrant entrant = Enter(part);
        _solved.Add(((HeadTrainer)entrant.Trained).InClosedForm(contender.Shrinkage!.Value));
        _folds.Add((entrant, _solved[^1].IsFinite ? _solved[^1].As : null));
    }

    /// <summary>The scores of a shape on the rows of all folds so far; null where a fold has none.</summary>
    public FoldedMetric? Score(CandidateShape shape)
    {
        var ofFolds = new List<ResampledMetric>();
        foreach ((Entrant entrant, Func<CandidateShape, float[][]>? learned) in _folds)
        {
            if (learned is null || entrant.Scores.ScoreRows(TrainingWinner.Learned, learned(shape)) is not { } metric)
            {
                return null;
            }
            ofFolds.Add(metric);
        }
        return new FoldedMetric(ofFolds);
    }

    public void Dispose()
    {
        _solved.ForEach(form => form.Dispose());
        _trainers.ForEach(trainer => trainer.Dispose());
    }
}
