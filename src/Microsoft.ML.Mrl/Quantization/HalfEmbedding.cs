using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl;

/// <summary>Embeddings of half-precision values, which a view holds as a vector of UInt16 with their bits.</summary>
public static class HalfEmbedding
{
    /// <summary>The bits of a view's vector as half-precision values, without a copy.</summary>
    /// <param name="bits">The bits, <c>[m]</c>.</param>
    public static ReadOnlySpan<Half> AsHalf(ReadOnlySpan<ushort> bits) => MemoryMarshal.Cast<ushort, Half>(bits);

    /// <inheritdoc cref="AsHalf(ReadOnlySpan{ushort})"/>
    public static Span<Half> AsHalf(Span<ushort> bits) => MemoryMarshal.Cast<ushort, Half>(bits);

    /// <summary>Half-precision values as the bits that a view's vector holds, without a copy.</summary>
    /// <param name="values">The values, <c>[m]</c>.</param>
    public static ReadOnlySpan<ushort> AsBits(ReadOnlySpan<Half> values) => MemoryMarshal.Cast<Half, ushort>(values);

    /// <summary>Rounds a vector to half precision, halves to even.</summary>
    /// <param name="values">The vector, <c>[m]</c>. What is beyond ±65,504 after rounding becomes an infinity, as IEEE 754 has it.</param>
    /// <param name="halves">Room for m values.</param>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<Half> halves) => TensorPrimitives.ConvertToHalf(values, halves);

    /// <summary>Half-precision values as single-precision ones, which is exact.</summary>
    /// <param name="halves">The values, <c>[m]</c>.</param>
    /// <param name="values">Room for m values.</param>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public static void Dequantize(ReadOnlySpan<Half> halves, Span<float> values) => TensorPrimitives.ConvertToSingle(halves, values);
}
