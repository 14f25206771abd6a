using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Gives embeddings of examples: raw, rotated, or from the head in its present state.</summary>
internal interface IEmbeddingSource
{
    /// <summary>What the inputs were divided by before these embeddings were made of them.</summary>
    double Scale { get; }

    /// <summary>The embeddings of some rows of one role, <c>[rows, D]</c>.</summary>
    EmbeddingMatrix Read(VectorRole role, int[] rows);
}

/// <summary>The vectors as they came, as wide as is needed.</summary>
internal sealed class RawEmbeddings(ExampleSet examples, int width) : IEmbeddingSource
{
    public double Scale => 1;

    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        var values = new float[rows.Length * width];
        examples.Vectors[role].Prepare(rows);
        for (int i = 0; i < rows.Length; i++)
        {
            examples.Vectors[role].CopyPrefix(rows[i], values.AsSpan(i * width, width));
        }
        return new EmbeddingMatrix(values, rows.Length, width);
    }
}
