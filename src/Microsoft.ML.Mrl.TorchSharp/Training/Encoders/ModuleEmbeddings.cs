using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>Embeddings of texts from a transformer in its present state.</summary>
/// <param name="examples">The texts.</param>
/// <param name="miniBatchSize">How many go through it at once.</param>
/// <param name="padId">The id that fills up.</param>
/// <param name="scale">What embeddings are divided by.</param>
/// <param name="embed">Embeds a batch, <c>[n, D]</c>, divided by the scale.</param>
internal sealed class ModuleEmbeddings(ExampleSet examples, int miniBatchSize, int padId, double scale,
    Func<TokenBatch, Tensor> embed) : IEmbeddingSource
{
    /// <summary>Texts that are sorted together.</summary>
    private const int Window = 1024;

    public double Scale => scale;

    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        using IDisposable gradients = no_grad();
        var texts = (TransformerRows)examples.Vectors[role];
        float[] values = [];
        int width = 0;
        for (int start = 0; start < rows.Length; start += Window)
        {
            using DisposeScope scope = NewDisposeScope();
            int[] part = rows[start..Math.Min(start + Window, rows.Length)];
            var chunks = new SortedChunks([.. part.Select(row => texts.Ids(row).ToArray())], padId, miniBatchSize);
            Tensor embeddings = chunks.InOrder([.. chunks.Batches.Select(OneBatch)]);
            width = (int)embeddings.shape[1];
            values = values.Length == 0 ? new float[(long)rows.Length * width] : values;
            embeddings.Values().CopyTo(values.AsSpan(start * width));
        }
        return new EmbeddingMatrix(values, rows.Length, width);
    }

    private Tensor OneBatch(TokenBatch batch)
    {
        using DisposeScope inner = NewDisposeScope();
        return embed(batch).MoveToOuterDisposeScope();
    }
}
