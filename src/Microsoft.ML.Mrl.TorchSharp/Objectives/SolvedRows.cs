using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>What a head in closed form is found from.</summary>
/// <param name="Anchors">The coordinates of the inputs, which vary independently, <c>[N, R]</c>.</param>
/// <param name="Positives">Those of their positives; null where there are none.</param>
/// <param name="Scores">The scores of the pairs; null where they have none.</param>
/// <param name="Labels">The classes of the inputs; null where they have none.</param>
internal sealed record SolvedRows(Tensor Anchors, Tensor? Positives, float[]? Scores, int[]? Labels)
{
    /// <summary>Gets the number of coordinates R.</summary>
    public int Width => (int)Anchors.shape[1];
}
