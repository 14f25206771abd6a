using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mrl;

/// <summary>n(x) = x / max(|x|, 1e-12), the one rescaling used everywhere.</summary>
internal static class UnitLength
{
    /// <summary>A shorter vector than this counts as zero: it is divided by this instead of its own length.</summary>
    public const float Smallest = 1e-12f;

    /// <summary>Below this the squares of small values begin to vanish in single precision.</summary>
    private const float SmallestSafeSquare = 1e-30f;

    /// <summary>Writes n(source) to a destination of the same length; they may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ReadOnlySpan<float> source, Span<float> destination)
    {
        float square = TensorPrimitives.SumOfSquares(source);
        float length = square is > SmallestSafeSquare and < float.PositiveInfinity ? MathF.Sqrt(square) : ExactLength(source);
        TensorPrimitives.Multiply(source, 1f / length, destination);
    }

    /// <summary>For vectors whose squares leave the range of single precision. NaN and infinity follow IEEE arithmetic.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float ExactLength(ReadOnlySpan<float> source)
    {
        double square = 0;
        foreach (float value in source)
        {
            square += (double)value * value;
        }
        double length = Math.Sqrt(square);
        return length < Smallest ? Smallest : (float)length;
    }
}
