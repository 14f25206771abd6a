using System.Buffers.Binary;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Represents a number type of the .npy format.</summary>
/// <param name="Bytes">The number of bytes of a value.</param>
/// <param name="Value">Reads a value as a number of single precision.</param>
internal sealed record NpyType(int Bytes, NpyType.Reader Value)
{
    /// <summary>Reads the value at the start of a span.</summary>
    public delegate float Reader(ReadOnlySpan<byte> bytes);

    /// <summary>The types that are read, for messages.</summary>
    public const string Known = "f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8";

    /// <summary>Returns the type of a descriptor such as <c>&lt;f4</c>, or <see langword="null"/> for others than real numbers.</summary>
    public static NpyType? Of(string descriptor)
    {
        if (descriptor.Length != 3)
        {
            return null;
        }
        bool big = descriptor[0] == '>';
        if (descriptor[0] is not ('<' or '>' or '=' or '|'))
        {
            return null;
        }
        bool isByte = descriptor[2] == '1';
        if (descriptor[0] == '|' && !isByte)
        {
            return null;
        }
        return (descriptor[1..], big) switch
        {
            ("f2", false) => new(2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
            ("f2", true) => new(2, b => (float)BinaryPrimitives.ReadHalfBigEndian(b)),
            ("f4", false) => new(4, BinaryPrimitives.ReadSingleLittleEndian),
            ("f4", true) => new(4, BinaryPrimitives.ReadSingleBigEndian),
            ("f8", false) => new(8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
            ("f8", true) => new(8, b => (float)BinaryPrimitives.ReadDoubleBigEndian(b)),
            ("i1", _) => new(1, b => (sbyte)b[0]),
            ("u1", _) => new(1, b => b[0]),
            ("i2", false) => new(2, b => BinaryPrimitives.ReadInt16LittleEndian(b)),
            ("i2", true) => new(2, b => BinaryPrimitives.ReadInt16BigEndian(b)),
            ("u2", false) => new(2, b => BinaryPrimitives.ReadUInt16LittleEndian(b)),
            ("u2", true) => new(2, b => BinaryPrimitives.ReadUInt16BigEndian(b)),
            ("i4", false) => new(4, b => BinaryPrimitives.ReadInt32LittleEndian(b)),
            ("i4", true) => new(4, b => BinaryPrimitives.ReadInt32BigEndian(b)),
            ("u4", false) => new(4, b => BinaryPrimitives.ReadUInt32LittleEndian(b)),
            ("u4", true) => new(4, b => BinaryPrimitives.ReadUInt32BigEndian(b)),
            ("i8", false) => new(8, b => BinaryPrimitives.ReadInt64LittleEndian(b)),
            ("i8", true) => new(8, b => BinaryPrimitives.ReadInt64BigEndian(b)),
            ("u8", false) => new(8, b => BinaryPrimitives.ReadUInt64LittleEndian(b)),
            ("u8", true) => new(8, b => BinaryPrimitives.ReadUInt64BigEndian(b)),
            _ => null,
        };
    }
}
