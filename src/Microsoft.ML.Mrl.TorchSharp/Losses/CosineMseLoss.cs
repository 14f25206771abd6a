using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Makes the cosine of a pair its score: mean (y − cos)², y the score scaled to 0..1.</summary>
/// <remarks>Needs positives, the other side of each pair, and scores.</remarks>
public sealed class CosineMseLoss : SimilarityLoss
{
    private readonly double _lowest;
    private readonly double _range;

    /// <summary>Creates the loss.</summary>
    /// <param name="lowest">The score that means cosine 0. Default 0.</param>
    /// <param name="highest">The score that means cosine 1; above <paramref name="lowest"/>. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="highest"/> is not above <paramref name="lowest"/>, or one of them is not finite.</exception>
    public CosineMseLoss(double lowest = 0, double highest = 1)
    {
        if (!(highest > lowest) || !double.IsFinite(highest - lowest))
        {
            throw new ArgumentOutOfRangeException(nameof(highest), highest, $"Scores from {lowest} to {highest} cannot be scaled to 0..1. The highest is above the lowest, and both are finite.");
        }
        _lowest = lowest;
        _range = highest - lowest;
    }

    /// <inheritdoc/>
    protected override Comparison Compares => Comparison.RowByRow;

    /// <inheritdoc/>
    protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) => (batch.Anchors, Require(batch.Positives, nameof(batch.Positives)));

    /// <inheritdoc/>
    protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch)
    {
        Tensor scores = Require(batch.Scores, nameof(batch.Scores)).to(cosines.dtype);
        Tensor gaps = scores.Plus(-_lowest).Times(1 / _range) - cosines;
        return gaps.mul(gaps).Mean();
    }
}
