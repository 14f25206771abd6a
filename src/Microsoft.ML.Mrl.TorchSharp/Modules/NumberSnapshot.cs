using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp.Modules;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>Copies of parameters' numbers in managed memory.</summary>
internal static class NumberSnapshot
{
    public static float[][] Take(IReadOnlyList<Parameter> parameters) => [.. parameters.Select(p => p.Numbers().ToArray())];

    public static void Restore(IReadOnlyList<Parameter> parameters, float[][] numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i].CopyTo(parameters[i].Numbers());
        }
    }

    public static bool IsFinite(float[][] numbers) => Array.TrueForAll(numbers, part => Array.TrueForAll(part, float.IsFinite));
}
