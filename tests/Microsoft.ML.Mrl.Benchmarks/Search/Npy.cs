using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>Reads what <c>mrl embed --output vectors.npy</c> writes: a matrix of single-precision values.</summary>
internal static partial class Npy
{
    public static (float[] Values, int Width) Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int headerStart = bytes[6] == 1 ? 10 : 12;
        int length = bytes[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        Match shape = Shape().Match(Encoding.ASCII.GetString(bytes, headerStart, length));
        if (!shape.Success)
        {
            throw new InvalidDataException($"'{path}' is not a matrix of single-precision values in rows.");
        }
        return (MemoryMarshal.Cast<byte, float>(bytes.AsSpan(headerStart + length)).ToArray(), int.Parse(shape.Groups[1].ValueSpan));
    }

    [GeneratedRegex(@"'descr': '<f4', 'fortran_order': False, 'shape': \(\d+, (\d+)\)")]
    private static partial Regex Shape();
}
