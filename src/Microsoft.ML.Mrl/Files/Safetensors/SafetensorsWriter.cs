using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Mrl.Files.Safetensors;

/// <summary>
/// Writes safetensors files as the format's own library does, so that a file of theirs that is read and written again has the same bytes:
/// metadata first, compact JSON that is padded with blanks to a multiple of 8, the data in the order of the header.
/// </summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes a file completely or not at all.</summary>
    /// <param name="path">The file to make.</param>
    /// <param name="tensors">Name, type and shape of each tensor, in the order to write them.</param>
    /// <param name="writeData">Writes the bytes of the tensor at a position; called in order.</param>
    /// <param name="metadata">Texts to keep with them.</param>
    public static void Write(
        string path,
        IReadOnlyList<(string Name, SafetensorsDataType Type, IReadOnlyList<long> Shape)> tensors,
        Action<int, Stream> writeData,
        IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        byte[] json = Header(tensors, metadata, out long[] ends);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[SafetensorsHeader.LengthBytes];
            BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
            stream.Write(length);
            stream.Write(json);
            long start = stream.Position;
            for (int i = 0; i < ends.Length; i++)
            {
                writeData(i, stream);
                if (stream.Position - start != ends[i])
                {
                    throw new InvalidOperationException($"Tensor '{tensors[i].Name}' was to end at byte {ends[i]} and ended at " +
                        $"{stream.Position - start}.");
                }
            }
        });
    }

    /// <summary>Writes numbers in single precision.</summary>
    public static void WriteSingles(Stream stream, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    private static byte[] Header(
        IReadOnlyList<(string Name, SafetensorsDataType Type, IReadOnlyList<long> Shape)> tensors,
            IReadOnlyList<KeyValuePair<string, string>> metadata, out long[] ends)
    {
        var parts = new List<string>();
        if (metadata.Count > 0)
        {
            parts.Add($"\"__metadata__\":{{{string.Join(',', metadata.Select(pair => $"{Quote(pair.Key)}:{Quote(pair.Value)}"))}}}");
        }
        ends = new long[tensors.Count];
        long start = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            (string name, SafetensorsDataType type, IReadOnlyList<long> shape) = tensors[i];
            (_, long bytes) = SafetensorsTensor.Size(type, shape)
                ?? throw new ArgumentException($"Tensor '{name}' of {type.Name} {SafetensorsTensor.Text(shape)} is not a whole number of " +
                "bytes below 2^63.", nameof(tensors));
            ends[i] = start + bytes;
            parts.Add(string.Create(CultureInfo.InvariantCulture,
                $"{Quote(name)}:{{\"dtype\":\"{type.Name}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{start},{ends[i]}]}}"));
            start = ends[i];
        }
        string json = $"{{{string.Join(',', parts)}}}";
        int length = Encoding.UTF8.GetByteCount(json);
        byte[] padded = new byte[(length + 7) / 8 * 8];
        padded.AsSpan(Encoding.UTF8.GetBytes(json, padded)).Fill((byte)' ');
        return padded;
    }

    /// <summary>Returns a text as JSON. Like the library of the format, it escapes only the characters that must be escaped.</summary>
    private static string Quote(string text)
    {
        var result = new StringBuilder("\"");
        foreach (char c in text)
        {
            result.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }
        return result.Append('"').ToString();
    }
}
