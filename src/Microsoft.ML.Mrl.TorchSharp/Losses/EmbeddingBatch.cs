using System.Collections.Immutable;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>The embeddings of one training step and what supervises them. B rows, D values each. Holds tensors it does not own.</summary>
public sealed record EmbeddingBatch
{
    /// <summary>The embeddings of the input column, <c>[B, D]</c>.</summary>
    public required Tensor Anchors { get; init; }

    /// <summary>The embeddings that belong to the anchors row by row, <c>[B, D]</c>, where the objective has them.</summary>
    public Tensor? Positives { get; init; }

    /// <summary>Embeddings that belong to no anchor, <c>[K·B, D]</c>, where the objective has them: one block of B rows for each of K columns.</summary>
    public Tensor? Negatives { get; init; }

    /// <summary>The class of each row, int64 <c>[B]</c> in 0..C−1, where the objective has them.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>The score of each row's pair, float <c>[B]</c>, where the objective has them.</summary>
    public Tensor? Scores { get; init; }

    /// <summary>
    /// The input vectors that the anchors were made from, at the scale of the embeddings, <c>[B, D_in]</c>, where the objective has them. Never cut.
    /// </summary>
    public Tensor? Originals { get; init; }

    /// <summary>Another model's vectors of the same rows, of any width <c>[B, D_t]</c>, where the objective has them. Never cut.</summary>
    public Tensor? Teachers { get; init; }

    /// <summary>
    /// True where a candidate is known to be no negative of an anchor, Boolean <c>[B, (1 + K)·B]</c>: positives first, then negatives. Says nothing of an
    /// anchor's own positive. <see langword="null"/> where nothing is known.
    /// </summary>
    public Tensor? FalseNegatives { get; init; }

    /// <summary>What losses found out at the full width, before the embeddings were cut.</summary>
    internal ImmutableDictionary<EmbeddingLoss, Tensor> Prepared { get; init; } = ImmutableDictionary<EmbeddingLoss, Tensor>.Empty;

    /// <summary>The width D of the embeddings.</summary>
    public int Dimensions => (int)Anchors.shape[1];

    /// <summary>The batch with what a loss found out at the full width.</summary>
    internal EmbeddingBatch WithPrepared(EmbeddingLoss loss, Tensor prepared) => this with { Prepared = Prepared.SetItem(loss, prepared) };

    /// <summary>What a loss found out at the full width, if it was asked to.</summary>
    internal Tensor? PreparedFor(EmbeddingLoss loss) => Prepared.GetValueOrDefault(loss);

    /// <summary>The same batch with every embedding cut to its first values.</summary>
    /// <param name="dimensions">The prefix length m, 1..D.</param>
    /// <param name="unitLength">Whether the prefixes are then rescaled to unit length, x / max(|x|, 1e-12).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is not in 1..D.</exception>
    public EmbeddingBatch Cut(int dimensions, bool unitLength)
    {
        if (dimensions < 1 || dimensions > Dimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"Cannot cut to {dimensions}: the embeddings have {Dimensions} values. Choose 1..{Dimensions}.");
        }
        return this with
        {
            Anchors = CutOne(Anchors),
            Positives = Positives is null ? null : CutOne(Positives),
            Negatives = Negatives is null ? null : CutOne(Negatives),
        };

        Tensor CutOne(Tensor full)
        {
            Tensor prefix = full.narrow(1, 0, dimensions);
            return unitLength ? NestedCosines.UnitLength(prefix) : prefix;
        }
    }
}
