using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Embeddings from the head in its present state; without a head the principal coordinates themselves.</summary>
internal sealed class CoordinateEmbeddings(TrainingSpace space, int width, LinearHeadModule? head = null) : IEmbeddingSource
{
    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor coordinates = space[role].index_select(0, tensor(Array.ConvertAll(rows, r => (long)r)));
        Tensor embeddings = head is null ? coordinates.narrow(1, 0, width) : head.forward(coordinates);
        return new EmbeddingMatrix(RowProducts.ToArray(embeddings), rows.Length, width);
    }
}
