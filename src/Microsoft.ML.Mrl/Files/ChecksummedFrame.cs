using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// Reads and writes the frame of saved heads and encoders: a name of seven letters and a version byte, the length of the body (int64), the
/// body, the SHA-256 of the body. Little-endian.
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

    /// <summary>Reads a body whose checksum is verified before its content is used.</summary>
    /// <remarks>
    /// A stream that can seek is read twice, first for the checksum, so that no copy of the body is made. Of any other one as much is kept
    /// as really arrives.
    /// </remarks>
    /// <param name="stream">The stream to read, which is left open just after the body's hash.</param>
    /// <param name="name">The seven letters.</param>
    /// <param name="versions">The oldest and the newest version that can be read.</param>
    /// <param name="what">The kind of content, in a word, for messages.</param>
    /// <param name="longest">The maximum number of bytes that such a body can have.</param>
    /// <param name="parse">Makes the value of the body, to its last byte, and of the version.</param>
    /// <exception cref="InvalidDataException">The content is of another kind, is damaged, or has another version.</exception>
    public static T Read<T>(Stream stream, ReadOnlySpan<byte> name, (byte Oldest, byte Newest) versions, string what, long longest,
        Func<BinaryReader, byte, T> parse)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (byte version, long length) = ReadStart(stream, name, versions, what, longest);
        using Stream body = Checked(stream, length, what);
        try
        {
            using var reader = new BinaryReader(body, Encoding.UTF8, leaveOpen: true);
            T value = parse(reader, version);
            long left = length - body.Position;
            if (left > 0)
            {
                throw new InvalidDataException(
                    $"The {what} is followed by {left} bytes that do not belong to it. The file is damaged.");
            }
            // Behind the hash as well, where the body was read in place.
            if (stream.CanSeek)
            {
                stream.Seek(HashLength, SeekOrigin.Current);
            }
            return value;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new InvalidDataException($"The {what} is damaged: {e.Message}", e);
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
            throw new InvalidDataException($"The file states that it holds {count} numbers, but only {body.Length - body.Position} bytes " +
                "are left.");
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

    private static (byte Version, long Length) ReadStart(
        Stream stream, ReadOnlySpan<byte> name, (byte Oldest, byte Newest) versions, string what, long longest)
    {
        Span<byte> start = stackalloc byte[NameLength + 1 + 8];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length)
        {
            throw CutShort(what);
        }
        if (!start[..NameLength].SequenceEqual(name))
        {
            throw new InvalidDataException($"The file is not a saved {(what == "head" ? "embedding head" : what)}: it does not start " +
                $"with {Encoding.ASCII.GetString(name)}.");
        }
        byte version = start[NameLength];
        (byte oldest, byte newest) = versions;
        if (version < oldest || version > newest)
        {
            throw new InvalidDataException($"The {what} has format version {version}; this library reads version " +
                $"{(oldest == newest ? newest : $"{oldest} to {newest}")}. Update the library.");
        }
        long length = BinaryPrimitives.ReadInt64LittleEndian(start[(NameLength + 1)..]);
        if (length < 0 || length > longest)
        {
            throw new InvalidDataException($"The {what} states a length of {length} bytes, but has at most {longest}. The file is " +
                "damaged.");
        }
        return length > (stream.CanSeek ? stream.Length - stream.Position - HashLength : long.MaxValue)
            ? throw CutShort(what)
            : (version, length);
    }

    /// <summary>Returns the body after its bytes were compared with the hash behind it.</summary>
    private static Stream Checked(Stream stream, long length, string what)
    {
        Span<byte> actual = stackalloc byte[HashLength], expected = stackalloc byte[HashLength];
        long start = stream.CanSeek ? stream.Position : 0;
        byte[] body = [];
        try
        {
            if (stream.CanSeek)
            {
                HashNext(stream, length, actual);
            }
            else
            {
                body = ReadBody(stream, (int)length);
                SHA256.HashData(body, actual);
            }
            stream.ReadExactly(expected);
        }
        catch (EndOfStreamException e)
        {
            throw CutShort(what, e);
        }
        if (!actual.SequenceEqual(expected))
        {
            throw new InvalidDataException(
                $"The {what}'s checksum does not match its content. The file is damaged: copy or train it again.");
        }
        if (!stream.CanSeek)
        {
            return new MemoryStream(body, writable: false);
        }
        stream.Position = start;
        return new PartOfStream(stream, length);
    }

    private static void HashNext(Stream stream, long length, Span<byte> hash)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[(int)Math.Min(length, 1 << 16)];
        for (long left = length; left > 0; left -= block.Length)
        {
            Span<byte> part = block.AsSpan(0, (int)Math.Min(left, block.Length));
            stream.ReadExactly(part);
            sum.AppendData(part);
        }
        sum.GetHashAndReset(hash);
    }

    private static InvalidDataException CutShort(string what, Exception? inner = null) =>
        new($"The {what} is cut short: the file ends inside it. Copy or train it again.", inner);

    /// <summary>
    /// Reads a body into a buffer that grows with the bytes that arrive, so that a damaged length does not allocate gigabytes.
    /// </summary>
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
