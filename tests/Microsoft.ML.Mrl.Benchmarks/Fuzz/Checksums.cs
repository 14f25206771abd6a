using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>Makes the checksums of damaged files fit again.</summary>
internal static class Checksums
{
    private const int FrameStart = 16;

    /// <summary>The frame of heads, encoders and the like: a length at byte 8, and a hash of the body at the end.</summary>
    public static byte[] Frame(byte[] bytes)
    {
        if (bytes.Length < FrameStart + SHA256.HashSizeInBytes)
        {
            return bytes;
        }
        byte[] signed = [.. bytes];
        int length = signed.Length - FrameStart - SHA256.HashSizeInBytes;
        BinaryPrimitives.WriteInt64LittleEndian(signed.AsSpan(8), length);
        SHA256.HashData(signed.AsSpan(FrameStart, length), signed.AsSpan(FrameStart + length));
        return signed;
    }

    /// <summary>A hash of all bytes before it, at the end.</summary>
    public static byte[] AtTheEnd(byte[] bytes)
    {
        if (bytes.Length < SHA256.HashSizeInBytes)
        {
            return bytes;
        }
        byte[] signed = [.. bytes];
        int length = signed.Length - SHA256.HashSizeInBytes;
        SHA256.HashData(signed.AsSpan(0, length), signed.AsSpan(length));
        return signed;
    }

    /// <summary>An index: the frame of its header, wherever that ends now.</summary>
    public static byte[] Index(byte[] bytes)
    {
        if (bytes.Length < FrameStart + SHA256.HashSizeInBytes
            || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) is not (>= 0 and var length)
            || length > bytes.Length - FrameStart - SHA256.HashSizeInBytes)
        {
            return bytes;
        }
        byte[] signed = [.. bytes];
        SHA256.HashData(signed.AsSpan(FrameStart, (int)length), signed.AsSpan(FrameStart + (int)length));
        return signed;
    }

    /// <summary>Packs a damaged archive of one part as a well-formed one: the damage is in the part.</summary>
    public static byte[] Archive(byte[] good, Random random)
    {
        var parts = new List<(string Name, byte[] Bytes)>();
        using (var archive = new ZipArchive(new MemoryStream(good)))
        {
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using Stream stream = entry.Open();
                using var copy = new MemoryStream();
                stream.CopyTo(copy);
                parts.Add((entry.FullName, copy.ToArray()));
            }
        }
        int chosen = random.Next(parts.Count);
        byte[] damaged = Damage.Of(
            parts[chosen].Bytes, parts[random.Next(parts.Count)].Bytes is { Length: > 0 } other ? other : [1], random);
        bool isFrame = parts[chosen].Bytes.AsSpan().StartsWith("MRL"u8);
        parts[chosen] = (parts[chosen].Name, isFrame && random.Next(4) > 0 ? Frame(damaged) : damaged);
        using var made = new MemoryStream();
        using (var archive = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in parts)
            {
                using Stream stream = archive.CreateEntry(name).Open();
                stream.Write(bytes);
            }
        }
        return made.ToArray();
    }
}
