using System.Numerics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Sums single-precision vectors in double precision.</summary>
internal static class WideSums
{
    /// <summary>Adds a vector, <c>[m]</c>, divided by its length, to the totals, <c>[m]</c>.</summary>
    public static void Add(ReadOnlySpan<float> vector, double length, Span<double> totals)
    {
        // Divided, not multiplied by the inverse: a prefix of one value is exactly 1 or -1, so that ten and ten of them leave nothing.
        var divisor = new Vector<double>(length);
        int i = 0;
        for (; i <= vector.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(vector[i..]), out Vector<double> low, out Vector<double> high);
            Span<double> target = totals.Slice(i, Vector<float>.Count);
            (new Vector<double>(target) + (low / divisor)).CopyTo(target);
            Span<double> upper = target[Vector<double>.Count..];
            (new Vector<double>(upper) + (high / divisor)).CopyTo(upper);
        }
        for (; i < vector.Length; i++)
        {
            totals[i] += vector[i] / length;
        }
    }
}
