using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// The frame of saved heads and encoders: a name of seven letters and a version byte, the length of the body (int64), the body, the SHA-256
/// of the body. Little-endian.
/// </summary>
internal static class ChecksummedFrame
{
    private const int NameLength = 7;
    private const int HashLength = 32;

    public static void Write(Stream stream, ReadOnlySpan<byte> name, byte version, Action<BinaryWriter> write)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            write(writer);
        }
        ReadOnlySpan<byte> bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        stream.Write(name);
        stream.WriteByte(version);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        stream.Write(length);
        stream.Write(bytes);
        stream.Write(SHA256.HashData(bytes));
    }

    /// <summary>Reads and checks a body.</summary>
    /// <param name="stream">The stream to read, which is left open just after the body's hash.</param>
    /// <param name="name">The seven letters.</param>
    /// <param name="version">The version that can be read.</param>
    /// <param name="what">The kind of content, in a word, for messages.</param>
    /// <exception cref="InvalidDataException">It is something else, damaged, or of another version.</exception>
    public static byte[] Read(Stream stream, ReadOnlySpan<byte> name, byte version, string what) =>
        Read(stream, name, version, version, what, out _);

    /// <summary>Reads and checks a body of one of several versions.</summary>
    /// <param name="stream">The stream to read, which is left open just after the body's hash.</param>
    /// <param name="name">The seven letters.</param>
    /// <param name="oldest">The oldest version that can be read.</param>
    /// <param name="newest">The newest one.</param>
    /// <param name="what">The kind of content, in a word, for messages.</param>
    /// <param name="version">The version it is of.</param>
    /// <exception cref="InvalidDataException">It is something else, damaged, or of another version.</exception>
    public static byte[] Read(Stream stream, ReadOnlySpan<byte> name, byte oldest, byte newest, string what, out byte version)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            return ReadChecked(stream, name, oldest, newest, what, out version);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"The {what} is cut short: the file ends inside it. Copy or train it again.", e);
        }
    }

    public static void WriteFloats(BinaryWriter writer, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            writer.Write(MemoryMarshal.AsBytes(values));
            return;
        }
        foreach (float value in values)
        {
            writer.Write(value);
        }
    }

    public static float[] ReadFloats(BinaryReader reader, long count)
    {
        Stream body = reader.BaseStream;
        if (count < 0 || count > (body.Length - body.Position) / sizeof(float))
        {
            throw new InvalidDataException($"The file says it holds {count} numbers, but only {body.Length - body.Position} bytes " +
                $"are left.");
        }
        var values = new float[count];
        if (BitConverter.IsLittleEndian)
        {
            body.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = reader.ReadSingle();
        }
        return values;
    }

    public static int ReadPositive(BinaryReader reader, string what)
    {
        int value = reader.ReadInt32();
        return value > 0 ? value : throw new InvalidDataException($"The {what} is {value}. The file is damaged.");
    }

    private static byte[] ReadChecked(Stream stream, ReadOnlySpan<byte> name, byte oldest, byte newest, string what, out byte version)
    {
        Span<byte> start = stackalloc byte[NameLength + 1 + 8];
        stream.ReadExactly(start);
        if (!start[..NameLength].SequenceEqual(name))
        {
            throw new InvalidDataException($"The file is not a saved {(what == "head" ? "embedding head" : what)}: it does not start " +
                $"with {Encoding.ASCII.GetString(name)}.");
        }
        version = start[NameLength];
        if (version < oldest || version > newest)
        {
            throw new InvalidDataException($"The {what} has format version {version}; this library reads version " +
                $"{(oldest == newest ? newest : $"{oldest} to {newest}")}. Update the library.");
        }
        long length = BinaryPrimitives.ReadInt64LittleEndian(start[(NameLength + 1)..]);
        if (length < 0 || length > Array.MaxLength)
        {
            throw new InvalidDataException($"The {what} says it is {length} bytes long. The file is damaged.");
        }
        byte[] body = ReadBody(stream, (int)length);
        Span<byte> hash = stackalloc byte[HashLength];
        stream.ReadExactly(hash);
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(hash))
        {
            throw new InvalidDataException($"The {what}'s checksum does not fit its bytes. The file is damaged: copy or train it again.");
        }
        return body;
    }

    /// <summary>Grows with what really arrives, so that a damaged length cannot ask for gigabytes.</summary>
    private static byte[] ReadBody(Stream stream, int length)
    {
        const int Step = 1 << 20;
        var body = new byte[Math.Min(length, Step)];
        int have = 0;
        while (true)
        {
            stream.ReadExactly(body.AsSpan(have));
            have = body.Length;
            if (have == length)
            {
                return body;
            }
            Array.Resize(ref body, (int)Math.Min(length, have * 2L));
        }
    }
}
