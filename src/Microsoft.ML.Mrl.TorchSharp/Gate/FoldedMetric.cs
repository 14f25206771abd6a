using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>
/// One metric of the rows of several folds, those of the first fold first: the mean of the folds' by the rows that were drawn of each. So
/// only what one head made is compared with one another, which a rank correlation needs.
/// </summary>
internal sealed class FoldedMetric : ResampledMetric
{
    private readonly ResampledMetric[] _folds;

    /// <param name="folds">The metric of each fold.</param>
    public FoldedMetric(IReadOnlyList<ResampledMetric> folds)
    {
        _folds = [.. folds];
        Parts =
        [
            .. _folds[0].Parts.Select((part, k) => (
                part.Name, (ResampledMetric)new FoldedMetric([.. _folds.Select(fold => fold.Parts[k].Metric)]))),
        ];
    }

    public override int Rows => _folds.Sum(fold => fold.Rows);

    public override int Dimensions => _folds[0].Dimensions;

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        Span<double> ofFold = stackalloc double[scores.Length], drawnWithScore = stackalloc double[scores.Length];
        scores.Clear();
        drawnWithScore.Clear();
        foreach (ResampledMetric fold in _folds)
        {
            ReadOnlySpan<float> ofRows = times[..fold.Rows];
            times = times[fold.Rows..];
            double drawn = 0;
            foreach (float time in ofRows)
            {
                drawn += time;
            }
            if (drawn == 0)
            {
                continue;
            }
            fold.Score(ofRows, ofFold);
            for (int i = 0; i < scores.Length; i++)
            {
                if (!double.IsNaN(ofFold[i]))
                {
                    scores[i] += drawn * ofFold[i];
                    drawnWithScore[i] += drawn;
                }
            }
        }
        for (int i = 0; i < scores.Length; i++)
        {
            // 0 / 0 is NaN, which says that no fold has a score.
            scores[i] /= drawnWithScore[i];
        }
    }
}
