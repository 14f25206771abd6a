using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace Microsoft.ML.Mrl;

/// <summary>Copies of parameters' numbers in managed memory.</summary>
internal static class NumberSnapshot
{
    public static float[][] Take(IReadOnlyList<Parameter> parameters) => [.. parameters.Select(p => SpanOf(p).ToArray())];

    public static void Restore(IReadOnlyList<Parameter> parameters, float[][] numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i].CopyTo(SpanOf(parameters[i]));
        }
    }

    public static bool IsFinite(float[][] numbers) => Array.TrueForAll(numbers, part => Array.TrueForAll(part, float.IsFinite));

    public static Span<float> SpanOf(TorchSharp.torch.Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
