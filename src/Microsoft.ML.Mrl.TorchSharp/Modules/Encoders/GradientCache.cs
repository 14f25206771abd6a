using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;

/// <summary>
/// Computes the gradient of a loss over a large batch with the memory of a small one (Gao et al. 2021, arXiv:2101.06983): embeddings are
/// computed in chunks without gradients, the loss gives the gradient of each embedding, and each chunk is then computed again, with
/// gradients, to pass them on. One chunk alone is computed once.
/// </summary>
internal static class GradientCache
{
    /// <summary>Adds the loss's gradients to the parameters that the embeddings, and the loss itself, depend on.</summary>
    /// <param name="chunks">The texts.</param>
    /// <param name="embed">Embeds the texts of a chunk, given its number, <c>[n, D]</c>; the same each time, dropout included.</param>
    /// <param name="loss">Gives the loss of all embeddings, in the order of the texts, <c>[N, D]</c>.</param>
    /// <returns>The loss.</returns>
    public static float Backward(SortedChunks chunks, Func<int, TokenBatch, Tensor> embed, Func<Tensor, Tensor> loss)
    {
        using DisposeScope scope = NewDisposeScope();
        if (chunks.Batches.Count == 1)
        {
            Tensor whole = loss(chunks.InOrder([embed(0, chunks.Batches[0])]));
            whole.backward();
            return whole.item<float>();
        }
        Tensor embeddings = chunks.InOrder([.. chunks.Batches.Select((batch, i) => WithoutGradients(i, batch))]).requires_grad_();
        Tensor value = loss(embeddings);
        value.backward();
        if (embeddings.grad is { } gradient)
        {
            for (int i = 0; i < chunks.Batches.Count; i++)
            {
                using DisposeScope inner = NewDisposeScope();
                embed(i, chunks.Batches[i]).mul(chunks.Select(gradient, i)).sum().backward();
            }
        }
        return value.item<float>();

        Tensor WithoutGradients(int chunk, TokenBatch batch)
        {
            using IDisposable none = no_grad();
            using DisposeScope inner = NewDisposeScope();
            return embed(chunk, batch).MoveToOuterDisposeScope();
        }
    }
}
