using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

/// <summary>Reads back a built file by its known order of sections, without the code under test.</summary>
internal static class ElfView
{
    /// <summary>The symbols after the null one, each with its version's index.</summary>
    public static List<(string Name, ushort Index)> Symbols(byte[] file)
    {
        ReadOnlySpan<byte> symbols = Section(file, 1);
        ReadOnlySpan<byte> versions = Section(file, 3);
        var result = new List<(string, ushort)>();
        for (int i = 1; i < symbols.Length / 24; i++)
        {
            result.Add(
                (Name(file, BinaryPrimitives.ReadUInt32LittleEndian(symbols[(24 * i)..])),
                BinaryPrimitives.ReadUInt16LittleEndian(versions[(2 * i)..])));
        }
        return result;
    }

    /// <summary>The needed versions of the second library: name, hash, index.</summary>
    public static List<(string Name, uint Hash, ushort Index)> Versions(byte[] file)
    {
        ReadOnlySpan<byte> needs = Section(file, 4);
        needs = needs[(int)BinaryPrimitives.ReadUInt32LittleEndian(needs[12..])..];
        var result = new List<(string, uint, ushort)>();
        for (int at = 16; at < needs.Length; at += 16)
        {
            result.Add((
                Name(file, BinaryPrimitives.ReadUInt32LittleEndian(needs[(at + 8)..])),
                BinaryPrimitives.ReadUInt32LittleEndian(needs[at..]),
                BinaryPrimitives.ReadUInt16LittleEndian(needs[(at + 6)..])));
        }
        return result;
    }

    private static string Name(byte[] file, uint offset)
    {
        ReadOnlySpan<byte> rest = Section(file, 2)[(int)offset..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ReadOnlySpan<byte> Section(byte[] file, int index)
    {
        int at = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(40)) + 64 * index;
        return file.AsSpan(
            (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 24)),
            (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 32)));
    }
}
