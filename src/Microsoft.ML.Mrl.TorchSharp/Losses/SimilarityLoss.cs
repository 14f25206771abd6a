using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a loss that depends on the embeddings only through their cosines.</summary>
/// <remarks>
/// The cosines of a prefix follow from those of the shorter prefix and the block of columns in between, so <see cref="MatryoshkaLoss"/>
/// computes all nested dimensions of such a loss in one pass over the columns. A vector of zeros has the cosine 0 with every other vector.
/// </remarks>
public abstract class SimilarityLoss : EmbeddingLoss
{
    private protected SimilarityLoss()
    {
    }

    /// <summary>Which rows are compared.</summary>
    private protected enum Comparison
    {
        /// <summary>Every left row with every right row: cosines <c>[L, R]</c>.</summary>
        AllPairs,

        /// <summary>Every left row with the right row of the same number: cosines <c>[B]</c>.</summary>
        RowByRow,
    }

    /// <summary>Which rows are compared.</summary>
    private protected abstract Comparison Compares { get; }

    /// <summary>
    /// The embeddings to compare: left <c>[L, D]</c> and right <c>[R, D]</c>, as many of each for <see cref="Comparison.RowByRow"/>.
    /// </summary>
    private protected abstract (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch);

    /// <summary>Computes the loss, a scalar, from cosines <c>[L, R]</c> or <c>[B]</c>.</summary>
    private protected abstract Tensor FromCosines(Tensor cosines, EmbeddingBatch batch);

    /// <inheritdoc/>
    public sealed override Tensor Forward(EmbeddingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return ForwardNested(batch, new MatryoshkaDimensions(batch.Dimensions))[0];
    }

    /// <inheritdoc/>
    internal sealed override IReadOnlyList<Tensor> ForwardNested(EmbeddingBatch batch, MatryoshkaDimensions dimensions)
    {
        (Tensor left, Tensor right) = Sides(batch);
        Tensor[] cosines = Compares == Comparison.AllPairs
            ? NestedCosines.OfAllPairs(left, right, dimensions)
            : NestedCosines.OfRows(left, right, dimensions);
        return [.. cosines.Select(c => FromCosines(c, batch))];
    }
}
