using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl;

/// <summary>Products and distances of quantized vectors, on the widest registers that the processor has.</summary>
/// <remarks>
/// Integer results are exact and the same on every machine. Those in single precision are sums in an order that depends on the width of the registers, and so differ between machines in
/// their last bits. All vectors of a call must be of one width; two empty ones have product 0. Nothing is allocated.
/// </remarks>
public static class QuantizedProducts
{
    /// <summary>The widest vectors of signed bytes whose product surely fits in 32 bits.</summary>
    public const int MostInt8Dimensions = int.MaxValue / (128 * 128);

    /// <summary>The product of two vectors of signed bytes, Σ x[j] · y[j].</summary>
    /// <param name="x">One vector, <c>[m]</c>, m at most <see cref="MostInt8Dimensions"/>.</param>
    /// <param name="y">The other, <c>[m]</c>.</param>
    /// <exception cref="ArgumentException">The widths differ or are too great.</exception>
    public static int Dot(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y)
    {
        CheckWidths(x.Length, y.Length);
        if (x.Length > MostInt8Dimensions)
        {
            throw new ArgumentException($"The sum of {x.Length} products may not fit in 32 bits. Choose at most {MostInt8Dimensions} dimensions.", nameof(x));
        }
        return Int8Kernel.Dot(x, y);
    }

    /// <summary>The product of a query with a vector of signed bytes, Σ query[j] · codes[j]: of the codes themselves, not of what they stand for.</summary>
    /// <param name="query">The query, <c>[m]</c>.</param>
    /// <param name="codes">The codes, <c>[m]</c>.</param>
    /// <exception cref="ArgumentException">The widths differ.</exception>
    public static float Dot(ReadOnlySpan<float> query, ReadOnlySpan<sbyte> codes)
    {
        CheckWidths(query.Length, codes.Length);
        return Int8Kernel.Dot(query, codes);
    }

    /// <summary>The product of a query with a vector of half-precision values.</summary>
    /// <param name="query">The query, <c>[m]</c>.</param>
    /// <param name="halves">The values, <c>[m]</c>.</param>
    /// <exception cref="ArgumentException">The widths differ.</exception>
    public static float Dot(ReadOnlySpan<float> query, ReadOnlySpan<Half> halves)
    {
        CheckWidths(query.Length, halves.Length);
        return HalfKernel.Dot(query, MemoryMarshal.Cast<Half, short>(halves));
    }

    /// <summary>The product of a query with the ±1 that bits stand for: the query's values at set bits less the others.</summary>
    /// <param name="query">The query, <c>[m]</c>.</param>
    /// <param name="bits">The bits as <see cref="BinaryEmbedding.Pack"/> has them, m / 8 bytes, rounded up; those after the m-th are not looked at.</param>
    /// <exception cref="ArgumentException">There is another number of bytes.</exception>
    public static float DotSigns(ReadOnlySpan<float> query, ReadOnlySpan<byte> bits)
    {
        CheckWidths((int)((query.Length + 7L) / 8), bits.Length);
        return BinaryKernel.DotSigns(query, bits);
    }

    /// <summary>The number of bits in which two vectors differ.</summary>
    /// <param name="x">One vector's bytes.</param>
    /// <param name="y">The other's, as many.</param>
    /// <exception cref="ArgumentException">The widths differ.</exception>
    public static int Hamming(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        CheckWidths(x.Length, y.Length);
        return BinaryKernel.Hamming(x, y);
    }

    private static void CheckWidths(int x, int y)
    {
        if (x != y)
        {
            throw new ArgumentException($"Cannot compare a vector of {x} items with one of {y}. Quantize both to one width.");
        }
    }
}
