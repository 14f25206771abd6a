using System.Numerics;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Looks for NaN and infinities.</summary>
internal static class FiniteValues
{
    /// <summary>Returns the slot of the first value that is NaN or infinite; -1 where there is none.</summary>
    public static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        // A finite value less itself is 0, and anything else NaN, which stays in the sum.
        Vector<float> sum = default, other = default, third = default, fourth = default;
        int i = 0;
        // Four sums, so that none waits for the addition before.
        for (; i <= values.Length - (4 * Vector<float>.Count); i += 4 * Vector<float>.Count)
        {
            ReadOnlySpan<float> four = values.Slice(i, 4 * Vector<float>.Count);
            var part = new Vector<float>(four);
            sum += part - part;
            part = new Vector<float>(four[Vector<float>.Count..]);
            other += part - part;
            part = new Vector<float>(four[(2 * Vector<float>.Count)..]);
            third += part - part;
            part = new Vector<float>(four[(3 * Vector<float>.Count)..]);
            fourth += part - part;
        }
        sum += other + third + fourth;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var part = new Vector<float>(values[i..]);
            sum += part - part;
        }
        int slot = Vector.EqualsAll(sum, Vector<float>.Zero) ? i : 0;
        while (slot < values.Length && float.IsFinite(values[slot]))
        {
            slot++;
        }
        return slot < values.Length ? slot : -1;
    }
}
