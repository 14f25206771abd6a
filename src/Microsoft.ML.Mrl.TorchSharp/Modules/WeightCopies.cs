using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp.Modules;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>Copies of weights in managed memory.</summary>
internal static class WeightCopies
{
    public static float[][] Take(IReadOnlyList<Parameter> parameters) => [.. parameters.Select(p => p.Values().ToArray())];

    public static void Put(IReadOnlyList<Parameter> parameters, float[][] weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i].CopyTo(parameters[i].Values());
        }
    }

    public static bool IsFinite(float[][] weights) => Array.TrueForAll(weights, part => Array.TrueForAll(part, float.IsFinite));
}
