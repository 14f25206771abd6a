using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>n(x) = x / max(|x|, 1e-12), the one rescaling used everywhere.</summary>
internal static class UnitLength
{
    /// <summary>A shorter vector than this counts as zero: it is divided by this instead of its own length.</summary>
    public const float Smallest = 1e-12f;

    /// <summary>
    /// Above this the length is above <see cref="Smallest"/>, and the squares of single values are far from vanishing in single precision.
    /// </summary>
    private const float SmallestSafeSquare = 1e-20f;

    /// <summary>Determines whether single precision is enough to divide a vector by its length, given the sum of its squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSafeSquare(float square) => square is > SmallestSafeSquare and < float.PositiveInfinity;

    /// <summary>Writes n(source) to a destination of the same length; they may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ReadOnlySpan<float> source, Span<float> destination)
        => Write(source, TensorPrimitives.SumOfSquares(source), destination);

    /// <summary>Writes n(source), given the sum of squares in single precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ReadOnlySpan<float> source, float square, Span<float> destination)
    {
        if (IsSafeSquare(square))
        {
            TensorPrimitives.Multiply(source, 1f / MathF.Sqrt(square), destination);
        }
        else
        {
            WriteExactly(source, destination);
        }
    }

    /// <summary>Rescales vectors whose squares leave the range of single precision. NaN and infinity follow IEEE arithmetic.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteExactly(ReadOnlySpan<float> source, Span<float> destination)
    {
        double square = 0;
        foreach (float value in source)
        {
            square += (double)value * value;
        }
        double divisor = Math.Max(Math.Sqrt(square), Smallest);
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = (float)(source[i] / divisor);
        }
    }
}
