using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the mean squared difference of cosines and scores: mean (y − cos)², where y is the score, scaled to 0..1.</summary>
/// <remarks>
/// <para>The batch must have anchors and positives <c>[B, D]</c>, the two sides of each pair, and scores <c>[B]</c>.</para>
/// <para>
/// sentence-transformers calls this CosineSimilarityLoss. Related losses: <see cref="CoSentLoss"/> and <see cref="AnglELoss"/> use only the
/// order of the scores. They need no scaling and are usually better for ranking.
/// </para>
/// </remarks>
public sealed class CosineMseLoss : SimilarityLoss
{
    private readonly double _minimum;
    private readonly double _range;

    /// <summary>Initializes a new instance of the <see cref="CosineMseLoss"/> class.</summary>
    /// <param name="minimumScore">The score of a cosine of 0. The default is 0.</param>
    /// <param name="maximumScore">The score of a cosine of 1, above <paramref name="minimumScore"/>. The default is 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maximumScore"/> is not above <paramref name="minimumScore"/>, or one of them is not finite.
    /// </exception>
    public CosineMseLoss(double minimumScore = 0, double maximumScore = 1)
    {
        if (!(maximumScore > minimumScore) || !double.IsFinite(maximumScore - minimumScore))
        {
            throw new ArgumentOutOfRangeException(
                nameof(maximumScore), maximumScore,
                $"Scores from {minimumScore} to {maximumScore} cannot be scaled to 0..1. Choose a maximum above the minimum, both finite.");
        }
        _minimum = minimumScore;
        _range = maximumScore - minimumScore;
    }

    private protected override Comparison Compares => Comparison.RowByRow;

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) =>
        (batch.Anchors, Require(batch.Positives, nameof(batch.Positives)));

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch)
    {
        Tensor scores = Require(batch.Scores, nameof(batch.Scores)).to(cosines.dtype);
        Tensor gaps = scores.Plus(-_minimum).Times(1 / _range) - cosines;
        return gaps.mul(gaps).Mean();
    }
}
