using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Writes prefixes as the values that a graph stores and compares by their dot products: at unit length, so that these are
/// cosines.</summary>
/// <remarks>
/// Signed bytes share one scale, for which values must be about equally large. So a prefix is first turned by a fixed rotation that spreads
/// what stands out and keeps all dot products: random signs and Hadamard transforms of windows of 2^k values. Then hardly a value exceeds
/// <see cref="Reach"/> standard deviations 1/√m, and what does is cut. Compared with cosines of bytes, whose lengths differ, one of three
/// sums is left.
/// </remarks>
internal sealed class PrefixCodec
{
    private const float LargestByte = 127;

    // About 4.5, so that 1/√m, as which a single value is spread over 2^k, is a whole number of bytes.
    private const float Reach = LargestByte / 28;

    // Of fewer values all of the range is needed anyway.
    private const int LeastToSpread = 16;

    private readonly EmbeddingType _type;
    private readonly float[] _signs;
    private readonly float _scale;

    /// <param name="dimensions">The prefix length m.</param>
    /// <param name="type">The type: signed bytes, half or single precision.</param>
    public PrefixCodec(int dimensions, EmbeddingType type)
    {
        _type = type;
        _scale = LargestByte / MathF.Min(1, Reach / MathF.Sqrt(dimensions));
        _signs = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            // The highest bit of a mixed number.
            uint bits = (uint)(i + 1) * 0x9E3779B1;
            bits = (bits ^ (bits >> 15)) * 0x85EBCA6B;
            _signs[i] = (int)((bits ^ (bits >> 13)) * 0xC2B2AE35) < 0 ? -1 : 1;
        }
    }

    /// <summary>The bytes of a prefix.</summary>
    public int Bytes => BytesOf(_type, _signs.Length);

    public static int BytesOf(EmbeddingType type, int dimensions)
        => dimensions * type switch { EmbeddingType.Int8 => 1, EmbeddingType.Half => 2, _ => 4 };

    /// <summary>Writes a prefix.</summary>
    /// <param name="prefix">The prefix, <c>[m]</c>; it is changed.</param>
    /// <param name="target">Room for it; zeros where the prefix has no direction.</param>
    /// <returns>Whether the prefix has a direction: a length of 1e-12 or more.</returns>
    public bool Write(Span<float> prefix, Span<byte> target)
    {
        if (!Round(prefix))
        {
            target.Clear();
            return false;
        }
        switch (_type)
        {
            case EmbeddingType.Int8:
                Narrow(prefix, MemoryMarshal.Cast<byte, sbyte>(target));
                break;
            case EmbeddingType.Half:
                TensorPrimitives.ConvertToHalf(prefix, MemoryMarshal.Cast<byte, Half>(target));
                break;
            default:
                prefix.CopyTo(MemoryMarshal.Cast<byte, float>(target));
                break;
        }
        return true;
    }

    /// <summary>A number that is the same for rows whose prefixes are written alike: a part of the SHA-256 of what is written, or 0 for
    /// prefixes without a direction.</summary>
    public UInt128 Digest(RowStore rows, int row)
    {
        Span<float> prefix = stackalloc float[_signs.Length];
        Span<byte> bytes = stackalloc byte[Bytes], hash = stackalloc byte[SHA256.HashSizeInBytes];
        rows.CopyPrefix(row, prefix);
        return Write(prefix, bytes) && SHA256.TryHashData(bytes, hash, out _) ? BinaryPrimitives.ReadUInt128LittleEndian(hash) : 0;
    }

    /// <summary>Gives a prefix unit length or, for signed bytes, makes it the whole numbers that are stored.</summary>
    /// <returns>Whether the prefix has a direction; otherwise it stays as it is.</returns>
    public bool Round(Span<float> prefix)
    {
        double length = Math.Sqrt(PrefixNorms.Dot(prefix, prefix));
        if (length < PrefixNorms.Smallest)
        {
            return false;
        }
        TensorPrimitives.Multiply(prefix, (float)((_type == EmbeddingType.Int8 ? _scale : 1) / length), prefix);
        if (_type == EmbeddingType.Int8)
        {
            if (prefix.Length >= LeastToSpread)
            {
                Spread(prefix);
            }
            TensorPrimitives.Round(prefix, prefix);
            TensorPrimitives.Min(prefix, LargestByte, prefix);
            TensorPrimitives.Max(prefix, -LargestByte, prefix);
        }
        return true;
    }

    // The windows at the start and at the end overlap where the length is no power of two, so each passes on to the other.
    private void Spread(Span<float> values)
    {
        int window = 1 << BitOperations.Log2((uint)values.Length);
        Transform(values[..window]);
        if (window < values.Length)
        {
            Transform(values[^window..]);
            Transform(values[..window]);
        }
    }

    /// <summary>The Walsh-Hadamard transform of 2^k values, 4 or more, with other signs, divided by the square root of 2^k.</summary>
    private void Transform(Span<float> values)
    {
        TensorPrimitives.Multiply(values, _signs.AsSpan(0, values.Length), values);
        Span<Vector128<float>> four = MemoryMarshal.Cast<float, Vector128<float>>(values);
        float inverse = 1 / MathF.Sqrt(values.Length);
        Vector128<float> odd = Vector128.Create(inverse, -inverse, inverse, -inverse), upper = Vector128.Create(1f, 1, -1, -1);
        for (int i = 0; i < four.Length; i++)
        {
            Vector128<float> pairs = (four[i] * odd) + (Vector128.Shuffle(four[i], Vector128.Create(1, 0, 3, 2)) * inverse);
            four[i] = (pairs * upper) + Vector128.Shuffle(pairs, Vector128.Create(2, 3, 0, 1));
        }
        for (int half = 1; half < four.Length; half *= 2)
        {
            for (int first = 0; first < four.Length; first += 2 * half)
            {
                Span<Vector128<float>> low = four.Slice(first, half), high = four.Slice(first + half, half);
                for (int i = 0; i < low.Length; i++)
                {
                    (low[i], high[i]) = (low[i] + high[i], low[i] - high[i]);
                }
            }
        }
    }

    private static void Narrow(ReadOnlySpan<float> values, Span<sbyte> target)
    {
        int i = 0;
        for (; i + Vector128<sbyte>.Count <= values.Length; i += Vector128<sbyte>.Count)
        {
            Vector128.Narrow(Vector128.Narrow(Four(values[i..]), Four(values[(i + 4)..])),
                Vector128.Narrow(Four(values[(i + 8)..]), Four(values[(i + 12)..]))).CopyTo(target[i..]);
        }
        for (; i < values.Length; i++)
        {
            target[i] = (sbyte)values[i];
        }

        static Vector128<int> Four(ReadOnlySpan<float> own) => Vector128.ConvertToInt32(Vector128.Create(own));
    }
}
