using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Embeddings from <see cref="PcaHead"/>, at the scale of the coordinates.</summary>
internal sealed class PcaEmbeddings(TrainingSpace space, TrainingPlan plan) : IEmbeddingSource
{
    public double Scale => space.Scale;

    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor coordinates = space.Coordinates(role, rows);
        (Tensor map, Tensor bias) = space.PcaMap(plan.OutputDimensions);
        Tensor embeddings = addmm(plan.IsOrthogonal ? space.CentreCoordinates() : bias, coordinates, map, 1, 1);
        return new EmbeddingMatrix(RowProducts.ToArray(embeddings), rows.Length, plan.OutputDimensions);
    }
}
