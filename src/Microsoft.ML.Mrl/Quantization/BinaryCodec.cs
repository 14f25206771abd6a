using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>
/// Stores one bit for each value, set for values above 0. Eight bits are packed into a byte, the first value into the highest bit.
/// </summary>
/// <remarks>
/// The order of bits is that of <c>numpy.packbits</c>, and the bytes are those of <c>quantize_embeddings(…, precision="ubinary")</c> in
/// sentence-transformers. Widths that are no multiple of 8 fail there; here every row starts with a byte of its own, and its last bits are
/// 0.
/// </remarks>
internal static class BinaryCodec
{
    /// <summary>Returns the number of bytes that m bits take: m / 8, rounded up.</summary>
    /// <param name="dimensions">The number of values m, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1.</exception>
    public static int ByteCount(int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        return (int)((dimensions + 7L) / 8);
    }

    /// <summary>Packs a vector. The values 0, -0 and NaN have bit 0, as they are not above 0.</summary>
    /// <param name="values">The vector, <c>[m]</c>.</param>
    /// <param name="bits">Room for <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ArgumentException">There are no values, or another number of bytes.</exception>
    public static void Pack(ReadOnlySpan<float> values, Span<byte> bits)
    {
        CheckWidths(values.Length, bits.Length);
        int whole = values.Length / 8, i = 0;
        for (; i + 8 <= whole; i += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bits[i..], Reverse(Positive64(values.Slice(8 * i, 64))));
        }
        for (; i < whole; i++)
        {
            bits[i] = (byte)Reverse(Positive(values, i));
        }
        if (whole < bits.Length)
        {
            bits[whole] = 0;
            for (int j = 8 * whole; j < values.Length; j++)
            {
                bits[whole] |= (byte)(values[j] > 0 ? 0x80 >> (j & 7) : 0);
            }
        }
    }

    /// <summary>Unpacks bits into a vector of unit length: 1/√m for a set bit and −1/√m for the others.</summary>
    /// <param name="bits">The bytes, <see cref="ByteCount"/> of them.</param>
    /// <param name="values">Room for m values.</param>
    /// <exception cref="ArgumentException">There is no room for values, or another number of bytes.</exception>
    public static void Unpack(ReadOnlySpan<byte> bits, Span<float> values)
    {
        CheckWidths(values.Length, bits.Length);
        float value = 1 / MathF.Sqrt(values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (bits[i >> 3] & (0x80 >> (i & 7))) != 0 ? value : -value;
        }
    }

    // A bit for each of the eight values of a byte, the first in the lowest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Positive(ReadOnlySpan<float> values, int at)
        => Vector256.GreaterThan(Vector256.Create(values.Slice(8 * at, 8)), Vector256<float>.Zero).ExtractMostSignificantBits();

    private static ulong Positive64(ReadOnlySpan<float> values)
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        if (Vector512.IsHardwareAccelerated)
        {
            return Of512(ref first, 0) | (Of512(ref first, 16) << 16) | (Of512(ref first, 32) << 32) | (Of512(ref first, 48) << 48);
        }
        return Of256(ref first, 0) | (Of256(ref first, 8) << 8) | (Of256(ref first, 16) << 16) | (Of256(ref first, 24) << 24)
            | (Of256(ref first, 32) << 32) | (Of256(ref first, 40) << 40) | (Of256(ref first, 48) << 48) | (Of256(ref first, 56) << 56);

        static ulong Of512(ref float first, nuint at)
            => Vector512.GreaterThan(Vector512.LoadUnsafe(ref first, at), Vector512<float>.Zero).ExtractMostSignificantBits();

        static ulong Of256(ref float first, nuint at)
            => Vector256.GreaterThan(Vector256.LoadUnsafe(ref first, at), Vector256<float>.Zero).ExtractMostSignificantBits();
    }

    // The order of bits in every byte turned over: neighbours change places, then pairs, then halves.
    private static ulong Reverse(ulong bits)
    {
        bits = ((bits >> 1) & 0x5555_5555_5555_5555) | ((bits & 0x5555_5555_5555_5555) << 1);
        bits = ((bits >> 2) & 0x3333_3333_3333_3333) | ((bits & 0x3333_3333_3333_3333) << 2);
        return ((bits >> 4) & 0x0F0F_0F0F_0F0F_0F0F) | ((bits & 0x0F0F_0F0F_0F0F_0F0F) << 4);
    }

    private static void CheckWidths(int values, int bytes)
    {
        if (values == 0 || bytes != ByteCount(values))
        {
            throw new ArgumentException(
                $"{values} values and {bytes} bytes do not fit: m values, at least 1, take m / 8 bytes, rounded up.");
        }
    }
}
