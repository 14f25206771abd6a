using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Orders pairs by their score: log(1 + Σ_{y_i &lt; y_j} exp(s (c_i − c_j))), c the cosine of a pair, s = 1 / temperature: CoSENT (Su 2022, kexue.fm/archives/8847).
/// </summary>
/// <remarks>A sum over the batch. Needs positives, the other side of each pair, and scores. Only the order of scores counts; a batch of equal scores has loss 0.</remarks>
public sealed class CoSentLoss : SimilarityLoss
{
    private readonly double _scale;

    /// <summary>Creates the loss.</summary>
    /// <param name="temperature">Divides the cosines; above 0. Default 0.05, so s = 20.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public CoSentLoss(double temperature = 0.05) => _scale = 1 / Temperature.Checked(temperature);

    /// <inheritdoc/>
    protected override Comparison Compares => Comparison.RowByRow;

    /// <inheritdoc/>
    protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) => (batch.Anchors, Require(batch.Positives, nameof(batch.Positives)));

    /// <inheritdoc/>
    protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch) =>
        ScoreOrder.Loss(cosines, Require(batch.Scores, nameof(batch.Scores)), _scale);
}
