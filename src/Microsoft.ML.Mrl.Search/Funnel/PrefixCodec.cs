using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Writes a prefix as the values that a graph stores. A cosine does not change with the length of a vector, so each prefix is scaled on
/// its own until its largest value is as large as the type allows (127 for signed bytes, 1 for others), which loses least.
/// </summary>
internal static class PrefixCodec
{
    private const float LargestByte = 127;

    public static int Bytes(EmbeddingType type, int dimensions)
        => dimensions * type switch { EmbeddingType.Int8 => 1, EmbeddingType.Half => 2, _ => 4 };

    /// <summary>Writes a prefix.</summary>
    /// <param name="prefix">The prefix of a vector of unit length, <c>[m]</c>; it is changed.</param>
    /// <param name="type">The type.</param>
    /// <param name="target">Room for it; zeros where the prefix has no direction.</param>
    /// <returns>Whether the prefix has a direction: more than 1e-12 of its vector's length.</returns>
    public static bool Write(Span<float> prefix, EmbeddingType type, Span<byte> target)
    {
        if (!Scale(prefix, type))
        {
            target.Clear();
            return false;
        }
        switch (type)
        {
            case EmbeddingType.Int8:
                Span<sbyte> signed = MemoryMarshal.Cast<byte, sbyte>(target);
                for (int i = 0; i < prefix.Length; i++)
                {
                    signed[i] = (sbyte)prefix[i];
                }
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

    /// <summary>Scales a prefix to the range of a type and rounds it to what signed bytes can hold.</summary>
    /// <returns>Whether the prefix has a direction.</returns>
    public static bool Scale(Span<float> prefix, EmbeddingType type)
    {
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(prefix));
        if (largest * Math.Sqrt(prefix.Length) < PrefixNorms.Smallest
            || PrefixNorms.Dot(prefix, prefix) < PrefixNorms.Smallest * PrefixNorms.Smallest)
        {
            return false;
        }
        TensorPrimitives.Multiply(prefix, (type == EmbeddingType.Int8 ? LargestByte : 1) / largest, prefix);
        if (type == EmbeddingType.Int8)
        {
            TensorPrimitives.Round(prefix, prefix);
        }
        return true;
    }
}
