using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the embeddings of one training step and the values that supervise them.</summary>
/// <remarks>
/// B is the number of rows, and D is the width of the embeddings. Parts without a column in the objective are <see langword="null"/>. The
/// batch does not own its tensors and never disposes them. The batch is immutable, but its tensors are not thread-safe.
/// </remarks>
public sealed class EmbeddingBatch
{
    /// <summary>Initializes a new instance of the <see cref="EmbeddingBatch"/> class.</summary>
    public EmbeddingBatch()
    {
    }

    /// <summary>Copies a batch, so that an initializer can replace some of its parts.</summary>
    [SetsRequiredMembers]
    internal EmbeddingBatch(EmbeddingBatch other)
    {
        Anchors = other.Anchors;
        Positives = other.Positives;
        Negatives = other.Negatives;
        Labels = other.Labels;
        Scores = other.Scores;
        Originals = other.Originals;
        Teachers = other.Teachers;
        FalseNegatives = other.FalseNegatives;
        Prepared = other.Prepared;
    }

    /// <summary>Gets the embeddings of the input column, <c>[B, D]</c>.</summary>
    public required Tensor Anchors { get; init; }

    /// <summary>Gets the embeddings of the positive column, <c>[B, D]</c>. Row i belongs to anchor i.</summary>
    public Tensor? Positives { get; init; }

    /// <summary>Gets the embeddings of the K negative columns, <c>[K·B, D]</c>, one block of B rows for each column.</summary>
    public Tensor? Negatives { get; init; }

    /// <summary>Gets the class of each row, int64 <c>[B]</c> in 0..C−1.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>Gets the score of each row's pair, float <c>[B]</c>.</summary>
    public Tensor? Scores { get; init; }

    /// <summary>
    /// Gets the input vectors of the anchors, <c>[B, D_in]</c>, at the scale of the embeddings. They are never cut.
    /// </summary>
    public Tensor? Originals { get; init; }

    /// <summary>Gets another model's vectors of the same rows, <c>[B, D_t]</c>, of any width. They are never cut.</summary>
    public Tensor? Teachers { get; init; }

    /// <summary>
    /// Gets the marks of candidates that are not negatives of an anchor, Boolean <c>[B, (1 + K)·B]</c>: positives first, then negatives.
    /// </summary>
    /// <remarks>The mark of an anchor's own positive is ignored.</remarks>
    public Tensor? FalseNegatives { get; init; }

    /// <summary>Gets the width D of the embeddings.</summary>
    public int Dimensions => (int)Anchors.shape[1];

    /// <summary>What losses computed at the full width, before the embeddings were cut.</summary>
    internal ImmutableDictionary<EmbeddingLoss, Tensor> Prepared { get; init; } = ImmutableDictionary<EmbeddingLoss, Tensor>.Empty;

    /// <summary>The batch with what a loss computed at the full width.</summary>
    internal EmbeddingBatch WithPrepared(EmbeddingLoss loss, Tensor prepared) => new(this) { Prepared = Prepared.SetItem(loss, prepared) };

    /// <summary>What a loss computed at the full width, if it was asked to.</summary>
    internal Tensor? PreparedFor(EmbeddingLoss loss) => Prepared.GetValueOrDefault(loss);

    /// <summary>Cuts every embedding to its first values.</summary>
    /// <param name="dimensions">The prefix length m, 1..D.</param>
    /// <param name="unitLength">Whether the prefixes are then rescaled to unit length, x / max(|x|, 1e-12).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is not in 1..D.</exception>
    internal EmbeddingBatch Cut(int dimensions, bool unitLength)
    {
        if (dimensions < 1 || dimensions > Dimensions)
        {
            throw new ArgumentOutOfRangeException(
                nameof(dimensions), dimensions,
                $"Cannot cut to {dimensions}: the embeddings have {Dimensions} values. Choose 1..{Dimensions}.");
        }
        return new EmbeddingBatch(this)
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
