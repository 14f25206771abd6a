using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>A loss of embeddings: takes tensors, gives a scalar. It knows nothing of models or of nesting; <see cref="MatryoshkaLoss"/> adds the nesting.</summary>
public abstract class EmbeddingLoss
{
    /// <summary>Whether <see cref="MatryoshkaLoss"/> rescales cut embeddings to unit length before handing them in. Default <see langword="true"/>.</summary>
    public virtual bool UnitLength => true;

    /// <summary>What the loss itself learns, such as a classifier. Default: nothing.</summary>
    public virtual IEnumerable<Parameter> Parameters => [];

    /// <summary>Computes the loss of embeddings at their width.</summary>
    /// <param name="batch">The embeddings and their supervision.</param>
    /// <returns>A scalar that can be differentiated with respect to the embeddings.</returns>
    public abstract Tensor Forward(EmbeddingBatch batch);

    /// <summary>
    /// Computes the loss at every nested dimension at once, where that is cheaper than cutting each time;
    /// <see langword="null"/> where it is not. Must agree with <see cref="Forward"/> on each cut.
    /// </summary>
    /// <param name="batch">The embeddings at their full width.</param>
    /// <param name="dimensions">The prefix lengths, ascending.</param>
    /// <returns>A scalar for each dimension.</returns>
    internal virtual IReadOnlyList<Tensor>? ForwardNested(EmbeddingBatch batch, MatryoshkaDimensions dimensions) => null;
}
