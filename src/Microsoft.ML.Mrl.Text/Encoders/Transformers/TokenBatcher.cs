namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>
/// Puts tokenized texts into batches and their embeddings back into order. Only this type decides how many texts are encoded together.
/// </summary>
/// <param name="tokenize">Returns the ids of a text, at least one.</param>
/// <param name="embed">Computes the embeddings of a batch, <c>[N, W]</c>.</param>
/// <param name="padId">The padding id of shorter texts.</param>
/// <param name="dimensions">The number of the W values to keep.</param>
/// <param name="mixesLengths">Whether texts of several lengths may be in one batch.</param>
internal sealed class TokenBatcher(
    Func<string, int[]> tokenize, Func<TokenBatch, float[]> embed, int padId, int dimensions, bool mixesLengths = true)
{
    private const int MaxRows = 32;
    private const int MaxTokens = 8192;
    private const int Window = 1024;
    private const int TextsBetweenChecks = 16;

    /// <summary>Computes the embeddings of texts in their order, <c>[N, D]</c>. Only the tokens of one window are in memory.</summary>
    public void Encode(IReadOnlyList<string> texts, string prompt, Span<float> embeddings, CancellationToken cancellationToken)
    {
        for (int start = 0; start < texts.Count; start += Window)
        {
            var rows = new int[Math.Min(Window, texts.Count - start)][];
            for (int i = 0; i < rows.Length; i++)
            {
                if (i % TextsBetweenChecks == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
                rows[i] = tokenize(prompt + texts[start + i]);
            }
            Encode(rows, embeddings.Slice(start * dimensions, rows.Length * dimensions), cancellationToken);
        }
    }

    /// <summary>Computes the embeddings of texts that are already tokenized, in their order, <c>[N, D]</c>.</summary>
    public void Encode(int[][] rows, Span<float> embeddings, CancellationToken cancellationToken)
    {
        int[] order = [.. Enumerable.Range(0, rows.Length).OrderByDescending(i => rows[i].Length)];
        for (int done = 0; done < rows.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The longest of what is left comes first, so it says how many fit.
            int length = rows[order[done]].Length;
            int size = Math.Min(Math.Clamp(MaxTokens / length, 1, MaxRows), rows.Length - done);
            while (!mixesLengths && rows[order[done + size - 1]].Length < length)
            {
                size--;
            }
            int[] chosen = order[done..(done + size)];
            float[] vectors = embed(TokenBatch.From([.. chosen.Select(i => rows[i])], padId));
            int width = vectors.Length / size;
            for (int i = 0; i < size; i++)
            {
                vectors.AsSpan(i * width, dimensions).CopyTo(embeddings[(chosen[i] * dimensions)..]);
            }
            done += size;
        }
    }
}
