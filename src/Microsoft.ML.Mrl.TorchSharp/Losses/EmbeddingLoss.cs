using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>A loss of embeddings: takes tensors, gives a scalar. It knows nothing of models or of nesting; <see cref="MatryoshkaLoss"/> adds the nesting.</summary>
public abstract class EmbeddingLoss : IDisposable
{
    /// <summary>Whether <see cref="MatryoshkaLoss"/> rescales cut embeddings to unit length before handing them in. Default <see langword="true"/>.</summary>
    public virtual bool UnitLength => true;

    /// <summary>What the loss itself learns, such as a classifier. Default: nothing.</summary>
    public virtual IEnumerable<Parameter> Parameters => [];

    /// <summary>Computes the loss of embeddings at their width.</summary>
    /// <param name="batch">The embeddings and their supervision.</param>
    /// <returns>A scalar that can be differentiated with respect to the embeddings.</returns>
    public abstract Tensor Forward(EmbeddingBatch batch);

    /// <summary>Computes what must be seen at the full width, once for all dimensions, and stores it in the batch. Default: nothing.</summary>
    internal virtual EmbeddingBatch Prepare(EmbeddingBatch batch) => batch;

    /// <summary>The part of the loss that is not nested: added once, whatever the dimensions. Default: none.</summary>
    internal virtual Tensor? ForwardOnce(EmbeddingBatch batch) => null;

    /// <summary>
    /// Computes the loss at every nested dimension at once, where that is cheaper than cutting each time;
    /// <see langword="null"/> where it is not. Must agree with <see cref="Forward"/> on each cut.
    /// </summary>
    /// <param name="batch">The embeddings at their full width.</param>
    /// <param name="dimensions">The prefix lengths, ascending.</param>
    /// <returns>A scalar for each dimension.</returns>
    internal virtual IReadOnlyList<Tensor>? ForwardNested(EmbeddingBatch batch, MatryoshkaDimensions dimensions) => null;

    /// <summary>
    /// Computes the weighted sum over all nested dimensions together with its gradient, where a loss knows how to;
    /// <see langword="null"/> where it does not, or not for this batch. Must agree with <see cref="ForwardNested"/>.
    /// </summary>
    /// <param name="batch">The embeddings at their full width.</param>
    /// <param name="dimensions">The prefix lengths, ascending.</param>
    /// <param name="weights">The weight of each dimension.</param>
    /// <returns>A scalar that can be differentiated once.</returns>
    internal virtual Tensor? ForwardFused(EmbeddingBatch batch, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights) => null;

    /// <summary>Gives a part of the batch that the loss cannot do without.</summary>
    /// <param name="part">The part, if it is there.</param>
    /// <param name="name">Its name in <see cref="EmbeddingBatch"/>.</param>
    /// <exception cref="ArgumentException">It is not there.</exception>
    protected Tensor Require(Tensor? part, string name) =>
        part ?? throw new ArgumentException($"{GetType().Name} needs {nameof(EmbeddingBatch)}.{name}, which this batch does not have.", "batch");

    /// <summary>Frees what the loss itself learns.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the loss itself learns; a loss that holds other tensors frees those too.</summary>
    /// <param name="disposing">Whether this is an orderly end, not the garbage collector's.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (Parameter parameter in Parameters)
            {
                parameter.Dispose();
            }
        }
    }
}
