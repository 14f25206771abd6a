using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Embeddings from the head in its present state.</summary>
internal sealed class CoordinateEmbeddings(TrainingSpace space, HeadModule head) : IEmbeddingSource
{
    public double Scale => space.Scale;

    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor embeddings = head.forward(space.Coordinates(role, rows));
        return new EmbeddingMatrix(RowProducts.ToArray(embeddings), rows.Length, (int)embeddings.shape[1]);
    }
}
