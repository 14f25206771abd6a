using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the CoSENT loss (Su 2022, kexue.fm/archives/8847), which orders pairs by their cosine: log(1 + Σ_{y_i &lt; y_j} exp(s (c_i −
/// c_j))), where c is the cosine of a pair and s = 1 / temperature.
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors and positives <c>[B, D]</c>, the two sides of each pair, and scores <c>[B]</c>. Only the order of the scores
/// counts. A batch of equal scores has loss 0. The loss is a sum over the batch, not a mean.
/// </para>
/// <para>
/// Related losses: <see cref="AnglELoss"/> uses an angle in place of the cosine. <see cref="CosineMseLoss"/> fits the values of the scores
/// rather than their order. CoSENT is usually better for ranking.
/// </para>
/// </remarks>
public sealed class CoSentLoss : SimilarityLoss
{
    private readonly double _scale;

    /// <summary>Initializes a new instance of the <see cref="CoSentLoss"/> class.</summary>
    /// <param name="temperature">The number that the cosines are divided by, above 0. The default is 0.05, so s = 20.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public CoSentLoss(double temperature = 0.05) => _scale = 1 / LossArguments.Temperature(temperature);

    private protected override Comparison Compares => Comparison.RowByRow;

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) =>
        (batch.Anchors, Require(batch.Positives, nameof(batch.Positives)));

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch) =>
        Ordered(cosines, Require(batch.Scores, nameof(batch.Scores)), _scale);

    /// <summary>log(1 + Σ_{y_i &lt; y_j} exp(s (c_i − c_j))).</summary>
    /// <param name="similarities">c, <c>[B]</c>.</param>
    /// <param name="scores">y, <c>[B]</c>.</param>
    /// <param name="scale">s.</param>
    internal static Tensor Ordered(Tensor similarities, Tensor scores, double scale)
    {
        Tensor scaled = similarities.Times(scale);
        Tensor differences = scaled.unsqueeze(1) - scaled.unsqueeze(0);
        Tensor unordered = scores.unsqueeze(1) >= scores.unsqueeze(0);
        Tensor counted = differences.Fill(unordered, double.NegativeInfinity).flatten();
        return cat([zeros(1, counted.dtype), counted], 0).logsumexp(0);
    }
}
