using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a loss of embeddings, which takes tensors and returns a differentiable scalar.</summary>
/// <remarks>
/// A loss is independent of the model that computed the embeddings, and of nesting, which <see cref="MatryoshkaLoss"/> adds. Derive from
/// this class to train with a custom loss, through <see cref="MrlObjective.Custom"/> or in a training loop of your own. Instances are not
/// thread-safe.
/// </remarks>
public abstract class EmbeddingLoss : IDisposable
{
    /// <summary>
    /// Gets a value indicating whether <see cref="MatryoshkaLoss"/> rescales cut embeddings to unit length before this loss is computed.
    /// The default is <see langword="true"/>.
    /// </summary>
    public virtual bool UnitLength => true;

    /// <summary>Gets the parameters that the loss itself learns, such as the weights of a classifier. The default is none.</summary>
    public virtual IEnumerable<Parameter> Parameters => [];

    /// <summary>Computes the loss of embeddings at their current width.</summary>
    /// <param name="batch">The embeddings, <c>[B, D]</c>, and the values that supervise them.</param>
    /// <returns>A scalar that can be differentiated with respect to the embeddings and <see cref="Parameters"/>.</returns>
    public abstract Tensor Forward(EmbeddingBatch batch);

    /// <summary>
    /// Computes what must be seen at the full width, once for all dimensions, and stores it in the batch. Default: nothing.
    /// </summary>
    internal virtual EmbeddingBatch Prepare(EmbeddingBatch batch) => batch;

    /// <summary>
    /// Computes the loss at every nested dimension at once, where that is cheaper than cutting each time; <see langword="null"/> where it
    /// is not. Must agree with <see cref="Forward"/> on each cut.
    /// </summary>
    /// <param name="batch">The embeddings at their full width.</param>
    /// <param name="dimensions">The prefix lengths, ascending.</param>
    /// <returns>A scalar for each dimension.</returns>
    internal virtual IReadOnlyList<Tensor>? ForwardNested(EmbeddingBatch batch, MatryoshkaDimensions dimensions) => null;

    /// <summary>
    /// Computes the weighted sum over all nested dimensions together with its gradient, where a loss knows how to; <see langword="null"/>
    /// where it does not, or not for this batch. Must agree with <see cref="ForwardNested"/>.
    /// </summary>
    /// <param name="batch">The embeddings at their full width.</param>
    /// <param name="dimensions">The prefix lengths, ascending.</param>
    /// <param name="weights">The weight of each dimension.</param>
    /// <returns>A scalar that can be differentiated once.</returns>
    internal virtual Tensor? ForwardFused(EmbeddingBatch batch, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights) => null;

    /// <summary>Returns a part of the batch that the loss requires, or throws an exception if the batch does not have it.</summary>
    /// <param name="part">The part, or <see langword="null"/> if the batch does not have it.</param>
    /// <param name="name">The name of the part in <see cref="EmbeddingBatch"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="part"/> is <see langword="null"/>.</exception>
    protected Tensor Require(Tensor? part, string name) =>
        part ?? throw new ArgumentException(
            $"{GetType().Name} needs {nameof(EmbeddingBatch)}.{name}, which this batch does not have.", "batch");

    /// <summary>Disposes the parameters of the loss.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes <see cref="Parameters"/>. A loss that holds other tensors must dispose them here, too.</summary>
    /// <param name="disposing">
    /// <see langword="true"/> when called by <see cref="Dispose()"/>, <see langword="false"/> by a finalizer.
    /// </param>
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
