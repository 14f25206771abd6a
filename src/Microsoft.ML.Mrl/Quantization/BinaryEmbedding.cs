using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl;

/// <summary>Embeddings of a bit a value: set for what is above 0, packed eight to a byte, the first value in the highest bit.</summary>
/// <remarks>
/// The order of bits is that of <c>numpy.packbits</c>, and the bytes are those of <c>quantize_embeddings(…, precision="ubinary")</c> in sentence-transformers, which also packs
/// several rows on end: where the width is no multiple of 8 that fails there, while here every row starts with a byte of its own and its last bits are 0.
/// </remarks>
public static class BinaryEmbedding
{
    /// <summary>The bytes that m bits take: m / 8, rounded up.</summary>
    /// <param name="dimensions">The number of values m, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1.</exception>
    public static int ByteCount(int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        return (int)((dimensions + 7L) / 8);
    }

    /// <summary>Packs a vector. A value of 0, -0 or NaN has bit 0, as it is not above 0.</summary>
    /// <param name="values">The vector, <c>[m]</c>.</param>
    /// <param name="bits">Room for <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ArgumentException">There are no values, or another number of bytes.</exception>
    public static void Pack(ReadOnlySpan<float> values, Span<byte> bits)
    {
        CheckWidths(values.Length, bits.Length);
        int whole = values.Length / 8;
        for (int i = 0; i < whole; i++)
        {
            uint lowestFirst = Vector256.GreaterThan(Vector256.Create(values.Slice(8 * i, 8)), Vector256<float>.Zero).ExtractMostSignificantBits();
            bits[i] = Reverse(lowestFirst);
        }
        if (whole < bits.Length)
        {
            bits[whole] = 0;
            for (int i = 8 * whole; i < values.Length; i++)
            {
                bits[whole] |= (byte)(values[i] > 0 ? 0x80 >> (i & 7) : 0);
            }
        }
    }

    /// <summary>Unpacks to a vector of unit length: 1/√m for a set bit and −1/√m for the others.</summary>
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

    // The seven operations of "Bit Twiddling Hacks": spread, pick, gather.
    private static byte Reverse(uint bits) => (byte)((((bits * 0x0802u) & 0x22110u) | ((bits * 0x8020u) & 0x88440u)) * 0x10101u >> 16);

    private static void CheckWidths(int values, int bytes)
    {
        if (values == 0 || bytes != ByteCount(values))
        {
            throw new ArgumentException($"{values} values and {bytes} bytes do not fit: m values, at least 1, take m / 8 bytes, rounded up.");
        }
    }
}
