using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Stores values in half precision. A view holds them as a vector of UInt16 with their bits.</summary>
internal static class HalfCodec
{
    /// <summary>Returns the bits of a view's vector as half-precision values, without a copy.</summary>
    /// <param name="bits">The bits, <c>[m]</c>.</param>
    public static ReadOnlySpan<Half> AsHalf(ReadOnlySpan<ushort> bits) => MemoryMarshal.Cast<ushort, Half>(bits);

    /// <inheritdoc cref="AsHalf(ReadOnlySpan{ushort})"/>
    public static Span<Half> AsHalf(Span<ushort> bits) => MemoryMarshal.Cast<ushort, Half>(bits);

    /// <summary>Rounds a vector to half precision, ties to even.</summary>
    /// <param name="values">The vector, <c>[m]</c>. What is beyond ±65,504 after rounding becomes an infinity, as IEEE 754 has it.</param>
    /// <param name="halves">Room for m values.</param>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<Half> halves) => TensorPrimitives.ConvertToHalf(values, halves);

    /// <summary>Converts half-precision values to single precision, which is exact.</summary>
    /// <param name="halves">The values, <c>[m]</c>.</param>
    /// <param name="values">Room for m values.</param>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public static void Dequantize(ReadOnlySpan<Half> halves, Span<float> values) => TensorPrimitives.ConvertToSingle(halves, values);
}
