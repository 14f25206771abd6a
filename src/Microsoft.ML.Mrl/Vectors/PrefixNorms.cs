using System.Numerics;
using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Computes the lengths of prefixes, accumulated block by block: |x[:m]|² = |x[:k]|² + |x[k:m]|².</summary>
internal static class PrefixNorms
{
    /// <summary>Below this length a prefix counts as this long, so that zeros stay zeros: n(x) = x / max(|x|, 1e-12).</summary>
    public const double Smallest = 1e-12;

    // Products of two values of this magnitude, summed over a million columns, still fit in single precision.
    private const float LargestUnscaled = 1e15f;

    /// <summary>
    /// Writes 1 / max(|x[:m]|, 1e-12) for every dimension m, and returns the power of two by which the row must be multiplied for these to
    /// hold: 1 except for values so large that their products would overflow.
    /// </summary>
    /// <param name="row">The vector x, <c>[D]</c>.</param>
    /// <param name="dimensions">M prefix lengths, ascending.</param>
    /// <param name="inverses">The destination of the M values, one every <paramref name="stride"/>.</param>
    /// <param name="stride">The distance between two of them.</param>
    public static float Invert(ReadOnlySpan<float> row, ReadOnlySpan<int> dimensions, Span<float> inverses, int stride)
    {
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(row));
        float scale = largest > LargestUnscaled ? MathF.ScaleB(1, -MathF.ILogB(largest)) : 1;
        double squares = 0;
        int from = 0;
        for (int i = 0; i < dimensions.Length; i++)
        {
            ReadOnlySpan<float> block = row[from..dimensions[i]];
            squares += Dot(block, block);
            inverses[i * stride] = (float)(1 / (Math.Max(Math.Sqrt(squares), Smallest) * scale));
            from = dimensions[i];
        }
        return scale;
    }

    /// <summary>Returns a dot product accumulated in double precision, in which the product of two singles is exact.</summary>
    public static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Vector<double> low = default, high = default;
        int i = 0;
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(x[i..]), out Vector<double> xLow, out Vector<double> xHigh);
            Vector.Widen(new Vector<float>(y[i..]), out Vector<double> yLow, out Vector<double> yHigh);
            low += xLow * yLow;
            high += xHigh * yHigh;
        }
        double sum = Vector.Sum(low + high);
        for (; i < x.Length; i++)
        {
            sum += (double)x[i] * y[i];
        }
        return sum;
    }
}
