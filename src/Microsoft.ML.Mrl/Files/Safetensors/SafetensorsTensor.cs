using System.Globalization;

namespace Microsoft.ML.Mrl.Files.Safetensors;

/// <summary>Represents the checked location of a tensor in a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Start">Its first byte, counted from the end of the header.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Count">Its numbers.</param>
internal sealed record SafetensorsTensor(string Name, SafetensorsDataType Type, IReadOnlyList<long> Shape, long Start, long Length,
    long Count)
{
    /// <summary>Gets the type and shape in words: <c>F32 [16, 32]</c>.</summary>
    public string Description => $"{Type.Name} {Text(Shape)}";

    public static string Text(IEnumerable<long> shape) =>
        $"[{string.Join(", ", shape.Select(n => n.ToString(CultureInfo.InvariantCulture)))}]";

    /// <summary>
    /// Returns the numbers and bytes that a type and a shape stand for, or <see langword="null"/> where they are no whole bytes or beyond
    /// 2⁶³.
    /// </summary>
    public static (long Count, long Bytes)? Size(SafetensorsDataType type, IEnumerable<long> shape)
    {
        Int128 count = 1;
        foreach (long length in shape)
        {
            count *= length;
            if (count > long.MaxValue)
            {
                return null;
            }
        }
        Int128 bits = count * type.Bits;
        return bits % 8 == 0 && bits / 8 <= long.MaxValue ? ((long)count, (long)(bits / 8)) : null;
    }
}
