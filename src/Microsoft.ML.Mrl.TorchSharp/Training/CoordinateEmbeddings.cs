using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Embeddings that a map makes of the principal coordinates.</summary>
/// <param name="space">Has the coordinates, and their scale.</param>
/// <param name="map">Maps <c>[N, R]</c> to <c>[N, D]</c>.</param>
internal sealed class CoordinateEmbeddings(TrainingSpace space, Func<Tensor, Tensor> map) : IEmbeddingSource
{
    public double Scale => space.Scale;

    /// <summary>Those of a head in its present state.</summary>
    public static CoordinateEmbeddings Of(TrainingSpace space, HeadModule head) => new(space, head.forward);

    /// <summary>Those of <see cref="StartingHeads.Pca"/>.</summary>
    public static CoordinateEmbeddings OfPca(TrainingSpace space, TrainingPlan plan) => new(space, coordinates =>
    {
        (Tensor map, Tensor bias) = space.PcaMap(plan.OutputDimensions, plan.PcaKeepsCentre);
        return addmm(bias, coordinates, map, 1, 1);
    });

    public EmbeddingMatrix Read(VectorRole role, int[] rows)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor embeddings = map(space.Coordinates(role, rows));
        return new EmbeddingMatrix(RowProducts.ToArray(embeddings), rows.Length, (int)embeddings.shape[1]);
    }
}
