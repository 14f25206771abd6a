using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the triplet loss of cosines, which brings each anchor nearer to its positive than to its negative by a margin: mean max(0,
/// D(a, p) − D(a, n) + margin), D = 1 − cos (FaceNet, Schroff et al. 2015, arXiv:1503.03832).
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors and positives <c>[B, D]</c> and negatives <c>[K·B, D]</c>. Each negative of a row makes a triplet. If the
/// order of a triplet exceeds the margin, its loss and its gradient are 0.
/// </para>
/// <para>
/// Related losses: <see cref="InfoNceLoss"/> with the same columns also learns from the rest of the batch and is usually better.
/// </para>
/// </remarks>
public sealed class TripletLoss : SimilarityLoss
{
    private readonly double _margin;

    /// <summary>Initializes a new instance of the <see cref="TripletLoss"/> class.</summary>
    /// <param name="margin">The margin, a difference of two cosines, above 0 and at most 2. The default is 0.3.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="margin"/> is not in that range.</exception>
    public TripletLoss(double margin = 0.3)
    {
        if (margin is not (> 0 and <= 2))
        {
            throw new ArgumentOutOfRangeException(
                nameof(margin), margin,
                $"Margin {margin} is a difference of two cosines. Choose a number above 0, at most 2, such as 0.3.");
        }
        _margin = margin;
    }

    private protected override Comparison Compares => Comparison.RowByRow;

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch)
    {
        Tensor positives = Require(batch.Positives, nameof(batch.Positives));
        Tensor negatives = Require(batch.Negatives, nameof(batch.Negatives));
        long repeats = 1 + negatives.shape[0] / batch.Anchors.shape[0];
        return (batch.Anchors.repeat([repeats, 1]), cat([positives, negatives], 0));
    }

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch)
    {
        Tensor byColumn = cosines.view(-1, batch.Anchors.shape[0]);
        Tensor toPositives = byColumn.narrow(0, 0, 1);
        Tensor toNegatives = byColumn.narrow(0, 1, byColumn.shape[0] - 1);
        return (toNegatives - toPositives).Plus(_margin).relu().Mean();
    }
}
