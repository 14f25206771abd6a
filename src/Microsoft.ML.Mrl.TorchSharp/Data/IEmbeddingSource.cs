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
