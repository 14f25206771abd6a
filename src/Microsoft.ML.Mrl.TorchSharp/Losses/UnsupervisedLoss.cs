using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the loss of the unsupervised Matryoshka-Adaptor (Yoon et al. 2024, arXiv:2407.20243), which preserves the cosines of the
/// input vectors at every prefix: the mean |cos(x_i, x_j) − cos(x'_i, x'_j)| over all pairs i ≠ j of the batch, plus the same mean over
/// each row and its 10 nearest neighbours in the batch by cos(x_i, x_j).
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors x' <c>[B, D]</c> and the original vectors x <c>[B, D_in]</c>. If D = D_in, <see cref="MatryoshkaLoss"/> also
/// adds the mean over rows of |x_i − x'_i|₁ / D, once rather than for each dimension, which keeps the full vectors near the originals. In a
/// batch of fewer than 11 rows each row has fewer neighbours, and a batch of one row has loss 0.
/// </para>
/// <para>
/// Related losses: <see cref="DistillationLoss"/> preserves the ranking by another model's vectors rather than the values of the cosines.
/// </para>
/// </remarks>
public sealed class UnsupervisedLoss : SimilarityLoss
{
    private const int Neighbors = 10;

    private protected override Comparison Compares => Comparison.AllPairs;

    internal override EmbeddingBatch Prepare(EmbeddingBatch batch) => batch.WithPrepared(this, Targets(batch));

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) => (batch.Anchors, batch.Anchors);

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch)
    {
        Tensor targets = batch.PreparedFor(this) ?? Targets(batch);
        int rows = (int)cosines.shape[0];
        if (rows < 2)
        {
            return cosines.Times(0).sum();
        }
        Tensor selves = TensorMath.Selves(rows);
        Tensor gaps = (targets - cosines).abs();
        Tensor overall = gaps.Fill(selves, 0).sum().Times(1.0 / ((double)rows * (rows - 1)));
        (_, Tensor nearest) = targets.Fill(selves, double.NegativeInfinity).topk(Math.Min(Neighbors, rows - 1), 1, true, true);
        return overall.Plus(gaps.gather(1, nearest).Mean());
    }

    internal override Tensor? ForwardOnce(EmbeddingBatch batch)
    {
        Tensor originals = Require(batch.Originals, nameof(batch.Originals));
        return originals.shape[1] == batch.Dimensions ? (originals - batch.Anchors).abs().Mean() : null;
    }

    private Tensor Targets(EmbeddingBatch batch)
    {
        Tensor originals = Require(batch.Originals, nameof(batch.Originals)).detach();
        return NestedCosines.AtFullWidth(originals, originals);
    }
}
