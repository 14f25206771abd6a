using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>A loss that needs nothing of the embeddings but cosines, and so gets all nested dimensions for about the price of one.</summary>
public abstract class SimilarityLoss : EmbeddingLoss
{
    /// <summary>Which rows are compared.</summary>
    protected enum Comparison
    {
        /// <summary>Every left row with every right row: cosines <c>[L, R]</c>.</summary>
        AllPairs,

        /// <summary>Every left row with the right row of the same number: cosines <c>[B]</c>.</summary>
        RowByRow,
    }

    /// <summary>Which rows are compared.</summary>
    protected abstract Comparison Compares { get; }

    /// <summary>The embeddings to compare.</summary>
    /// <param name="batch">The batch, at any width.</param>
    /// <returns>Left <c>[L, D]</c> and right <c>[R, D]</c>; equally many for <see cref="Comparison.RowByRow"/>.</returns>
    protected abstract (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch);

    /// <summary>Computes the loss from cosines.</summary>
    /// <param name="cosines"><c>[L, R]</c> or <c>[B]</c>, −1..1, 0 where a vector is zero.</param>
    /// <param name="batch">The batch, for its labels and scores.</param>
    /// <returns>A scalar.</returns>
    protected abstract Tensor FromCosines(Tensor cosines, EmbeddingBatch batch);

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
        Tensor[] cosines = Compares == Comparison.AllPairs ? NestedCosines.OfAllPairs(left, right, dimensions) : NestedCosines.OfRows(left, right, dimensions);
        return [.. cosines.Select(c => FromCosines(c, batch))];
    }
}
