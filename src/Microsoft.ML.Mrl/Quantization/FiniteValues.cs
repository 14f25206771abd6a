using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl;

/// <summary>Looks for NaN and infinities.</summary>
internal static class FiniteValues
{
    /// <summary>The slot of the first value that is NaN or infinite; -1 where there is none.</summary>
    public static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values)))
        {
            return -1;
        }
        int slot = 0;
        while (float.IsFinite(values[slot]))
        {
            slot++;
        }
        return slot;
    }
}
