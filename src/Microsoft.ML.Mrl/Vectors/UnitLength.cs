using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>n(x) = x / max(|x|, 1e-12), the one rescaling used everywhere.</summary>
/// <remarks>
/// Squares are summed in one order, whatever the processor. Vectors of 256 bits are faster here than those of 512, by measurement: prefixes
/// are short, and lie at any address.
/// </remarks>
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

    /// <summary>Returns the sum of the squares, NaN only where a value is: squares of infinities of both signs are positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumOfSquares(ReadOnlySpan<float> vector)
    {
        ref float first = ref MemoryMarshal.GetReference(vector);
        Vector256<float> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i <= vector.Length - (4 * Vector256<float>.Count); i += 4 * Vector256<float>.Count)
        {
            a = PlusSquares(ref first, i, a);
            b = PlusSquares(ref first, i + Vector256<float>.Count, b);
            c = PlusSquares(ref first, i + (2 * Vector256<float>.Count), c);
            d = PlusSquares(ref first, i + (3 * Vector256<float>.Count), d);
        }
        for (; i <= vector.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            a = PlusSquares(ref first, i, a);
        }
        a = a + b + (c + d);
        Vector128<float> four = a.GetLower() + a.GetUpper();
        float sum = (four.GetElement(0) + four.GetElement(2)) + (four.GetElement(1) + four.GetElement(3));
        for (; i < vector.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(vector[i], vector[i], sum);
        }
        return sum;
    }

    /// <summary>Writes n(source) to a destination of the same length; they may be the same memory.</summary>
    public static void Write(ReadOnlySpan<float> source, Span<float> destination)
        => Write(source, SumOfSquares(source), destination);

    /// <summary>Writes n(source), given the sum of squares in single precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ReadOnlySpan<float> source, float square, Span<float> destination)
    {
        if (IsSafeSquare(square))
        {
            Scale(source, 1f / MathF.Sqrt(square), destination);
        }
        else
        {
            WriteExactly(source, destination);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PlusSquares(ref float first, int place, Vector256<float> sums)
    {
        var values = Vector256.LoadUnsafe(ref first, (nuint)place);
        return Fused.MultiplyAdd(values, values, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(ReadOnlySpan<float> source, float factor, Span<float> destination)
    {
        ref float from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination[..source.Length]);
        var factors = Vector256.Create(factor);
        int i = 0;
        for (; i <= source.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.LoadUnsafe(ref from, (nuint)i) * factors).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < source.Length; i++)
        {
            destination[i] = source[i] * factor;
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
