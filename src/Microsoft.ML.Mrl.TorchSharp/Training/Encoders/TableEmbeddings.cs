using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>Embeddings of texts from a table of the touched rows.</summary>
/// <param name="examples">The texts.</param>
/// <param name="table">The rows, <c>[T, D]</c>.</param>
/// <param name="width">D.</param>
/// <param name="scale">What the rows were divided by.</param>
internal sealed class TableEmbeddings(ExampleSet examples, float[] table, int width, double scale) : IEmbeddingSource
{
    public double Scale => scale;

    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        var texts = (TokenRows)examples.Vectors[role];
        var values = new float[rows.Length * width];
        for (int i = 0; i < rows.Length; i++)
        {
            texts.Pool(rows[i], table, values.AsSpan(i * width, width));
        }
        return new EmbeddingMatrix(values, rows.Length, width);
    }
}
