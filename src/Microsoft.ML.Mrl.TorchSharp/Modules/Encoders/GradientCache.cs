using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The gradient of a loss over a large batch with the memory of a small one (Gao et al. 2021, arXiv:2101.06983): embeddings are computed in chunks without gradients, the loss gives the gradient
/// of each embedding, and each chunk is then computed again, with gradients, to pass them on.
/// </summary>
internal static class GradientCache
{
    /// <summary>Adds the loss's gradients to the module's parameters.</summary>
    /// <param name="module">The encoder.</param>
    /// <param name="texts">The token ids of each role's N rows.</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="rowsAtOnce">The rows of a chunk, 1 or more; need not divide N.</param>
    /// <param name="loss">Gives the loss of the roles' embeddings <c>[N, D]</c>.</param>
    /// <param name="dropout">Makes the dropout of a chunk, the same one each time it is asked; <see langword="null"/> for none.</param>
    /// <returns>The loss.</returns>
    public static float Backward(
        TransformerModule module, IReadOnlyList<IReadOnlyList<int[]>> texts, int padId, int rowsAtOnce, Func<Tensor[], Tensor> loss, Func<int, EncoderDropout?>? dropout = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsAtOnce, 1);
        using DisposeScope scope = NewDisposeScope();
        var chunks = new List<(int Role, int Start, TokenBatch Batch)>();
        for (int role = 0; role < texts.Count; role++)
        {
            for (int start = 0; start < texts[role].Count; start += rowsAtOnce)
            {
                chunks.Add((role, start, TokenBatch.From([.. texts[role].Skip(start).Take(rowsAtOnce)], padId)));
            }
        }
        Tensor[] embeddings = [.. Enumerable.Range(0, texts.Count).Select(role => cat([.. chunks.Select((chunk, i) => (chunk, i)).Where(c => c.chunk.Role == role).Select(c => WithoutGradients(c.chunk.Batch, c.i))], 0).requires_grad_())];
        Tensor value = loss(embeddings);
        value.backward();
        for (int i = 0; i < chunks.Count; i++)
        {
            (int role, int start, TokenBatch batch) = chunks[i];
            using DisposeScope inner = NewDisposeScope();
            Tensor gradient = embeddings[role].grad!.narrow(0, start, batch.Rows);
            module.Embed(batch, dropout?.Invoke(i)).mul(gradient).sum().backward();
        }
        return value.item<float>();

        Tensor WithoutGradients(TokenBatch batch, int chunk)
        {
            using IDisposable none = no_grad();
            using DisposeScope inner = NewDisposeScope();
            return module.Embed(batch, dropout?.Invoke(chunk)).MoveToOuterDisposeScope();
        }
    }
}
