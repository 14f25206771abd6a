using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the loss that makes every prefix rank the rows of a batch as the input vectors themselves do, without any supervision:
/// log(1 + KL / 0.001), where KL is the divergence of <see cref="DistillationLoss"/> from the input vectors, the mean over rows i of
/// KL(softmax_j(20·cos(x_i, x_j)) ‖ softmax_j(20·cos(x'_i, x'_j))), j ≠ i.
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors x' <c>[B, D]</c> and the original vectors x <c>[B, D_in]</c>, which get no gradient. The loss is 0 where the
/// cosines are those of the original vectors, and for a batch of two rows or fewer.
/// </para>
/// <para>
/// The logarithm makes a step count by the share of the divergence that it removes. Short prefixes diverge far more than long ones, so the
/// plain sum over dimensions improves them at the expense of the long ones.
/// </para>
/// </remarks>
public sealed class UnsupervisedLoss : SimilarityLoss
{
    /// <summary>One over the temperature, which was chosen among 0.02, 0.05 and 0.1 on rows held back.</summary>
    private const double Scale = 20;

    /// <summary>Far below this, all divergences are as good as 0, and what rounding leaves of them must not count.</summary>
    private const double Negligible = 0.001;

    private protected override Comparison Compares => Comparison.AllPairs;

    internal override EmbeddingBatch Prepare(EmbeddingBatch batch) => batch.WithPrepared(this, Targets(batch));

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) => (batch.Anchors, batch.Anchors);

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch) => DistillationLoss.Divergence(
        batch.PreparedFor(this) ?? Targets(batch), DistillationLoss.WithoutSelves(cosines.Times(Scale))).Times(1 / Negligible).log1p();

    private Tensor Targets(EmbeddingBatch batch) =>
        DistillationLoss.ScoresOf(Require(batch.Originals, nameof(batch.Originals)), Scale);
}
