using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

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
