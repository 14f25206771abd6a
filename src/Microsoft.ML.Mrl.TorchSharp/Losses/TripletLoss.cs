using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Brings each anchor nearer to its positive than to its negative by a margin: mean max(0, D(a, p) − D(a, n) + margin), D = 1 − cos
/// (FaceNet, Schroff et al. 2015, arXiv:1503.03832, on cosines).
/// </summary>
/// <remarks>Needs positives and negatives; with several negatives a row each makes a triplet. Looks at nothing else in the batch.</remarks>
public sealed class TripletLoss : SimilarityLoss
{
    private readonly double _margin;

    /// <summary>Creates the loss.</summary>
    /// <param name="margin">How much nearer, in cosine; above 0, at most 2. Default 0.3.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="margin"/> is not in that range.</exception>
    public TripletLoss(double margin = 0.3)
    {
        if (margin is not (> 0 and <= 2))
        {
            throw new ArgumentOutOfRangeException(nameof(margin), margin, $"Margin {margin} is a difference of two cosines. Choose a number above 0, at most 2, such as 0.3.");
        }
        _margin = margin;
    }

    /// <inheritdoc/>
    protected override Comparison Compares => Comparison.RowByRow;

    /// <inheritdoc/>
    protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch)
    {
        Tensor positives = Require(batch.Positives, nameof(batch.Positives));
        Tensor negatives = Require(batch.Negatives, nameof(batch.Negatives));
        long repeats = 1 + negatives.shape[0] / batch.Anchors.shape[0];
        return (batch.Anchors.repeat([repeats, 1]), cat([positives, negatives], 0));
    }

    /// <inheritdoc/>
    protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch)
    {
        Tensor byColumn = cosines.view(-1, batch.Anchors.shape[0]);
        Tensor toPositives = byColumn.narrow(0, 0, 1);
        Tensor toNegatives = byColumn.narrow(0, 1, byColumn.shape[0] - 1);
        return (toNegatives - toPositives).Plus(_margin).relu().Mean();
    }
}
