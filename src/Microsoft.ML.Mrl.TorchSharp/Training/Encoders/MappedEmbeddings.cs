using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>Embeddings as they came, mapped by a head.</summary>
/// <param name="examples">The examples.</param>
/// <param name="head">Maps their vectors at full width.</param>
internal sealed class MappedEmbeddings(ExampleSet examples, EmbeddingHead head) : IEmbeddingSource
{
    public double Scale => 1;

    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        EmbeddingMatrix raw = new RawEmbeddings(examples, head.InputDimensions).Read(role, rows);
        var mapped = new float[(long)rows.Length * head.OutputDimensions];
        head.ApplyMany(raw.Values.Span, mapped);
        return new EmbeddingMatrix(mapped, rows.Length, head.OutputDimensions);
    }
}
