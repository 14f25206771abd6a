using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// The bytes of a saved index: a <see cref="ChecksummedFrame"/> named MRLFUNL with the widths, the number of rows and the plan; zeros up to a multiple of 4096 bytes; the rows as <see cref="FunnelLayout"/> lays
/// out one segment of whole panels, the missing ones zeros; the SHA-256 of the zeros and the rows. Little-endian.
/// </summary>
internal static class FunnelFormat
{
    private const byte Version = 1;
    private const int Alignment = 4096;
    private const int FrameBytes = 16 + SHA256.HashSizeInBytes;
    private const int RowsAtOnce = 1024;

    private static ReadOnlySpan<byte> Magic => "MRLFUNL"u8;

    /// <summary>What comes before the rows.</summary>
    /// <param name="Widths">The widths.</param>
    /// <param name="Layout">The layout that they make.</param>
    /// <param name="Count">The number of rows.</param>
    /// <param name="Plan">The plan, if there is one.</param>
    /// <param name="HeaderBytes">The length of the header.</param>
    /// <param name="RowsStart">Where the rows begin.</param>
    /// <param name="RowsBytes">Their length.</param>
    public sealed record Header(MatryoshkaDimensions Widths, FunnelLayout Layout, int Count, FunnelPlan? Plan, int HeaderBytes, int RowsStart, long RowsBytes);

    public static void Write(Stream stream, FunnelLayout layout, FunnelPlan? plan, FunnelSnapshot snapshot, int[] rows)
    {
        CheckEndianness();
        using var header = new MemoryStream();
        ChecksummedFrame.Write(header, Magic, Version, writer => WriteHeader(writer, layout, plan, rows.Length));
        stream.Write(header.GetBuffer().AsSpan(0, (int)header.Length));

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Put(new byte[Aligned(header.Length) - header.Length]);
        WriteRows(layout, snapshot, rows, Put);
        stream.Write(hash.GetHashAndReset());

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    /// <exception cref="InvalidDataException">It is something else, damaged, or of another version.</exception>
    public static Header ReadHeader(Stream stream)
    {
        CheckEndianness();
        byte[] body = ChecksummedFrame.Read(stream, Magic, Version, "index");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(body), Encoding.UTF8);
            int[] values = ReadNumbers(reader);
            long count = reader.ReadInt64();
            int firstWidth = reader.ReadInt32();
            int[] lists = ReadNumbers(reader);
            if (reader.BaseStream.Position != body.Length || values.Length == 0 || count is < 0 or > FunnelIndex.MaxRows)
            {
                throw new InvalidDataException("The index's header does not make sense. The file is damaged.");
            }
            var widths = new MatryoshkaDimensions(values);
            var layout = new FunnelLayout(widths);
            FunnelPlan? plan = firstWidth == 0 ? null : new FunnelPlan(firstWidth, lists);
            if (plan is not null)
            {
                FunnelStages.Resolve(plan, layout, widths, nameof(plan));
            }
            int headerBytes = body.Length + FrameBytes;
            return new Header(widths, layout, (int)count, plan, headerBytes, checked((int)Aligned(headerBytes)), layout.Bytes(FunnelLayout.Rounded(count)));
        }
        catch (Exception e) when (e is ArgumentException or OverflowException or EndOfStreamException)
        {
            throw new InvalidDataException($"The index is damaged: {e.Message}", e);
        }
    }

    /// <exception cref="InvalidDataException">The file has another length.</exception>
    public static void CheckLength(Header header, long length)
    {
        long expected = header.RowsStart + header.RowsBytes + SHA256.HashSizeInBytes;
        if (length != expected)
        {
            throw new InvalidDataException($"The index has {expected} bytes by its header, but the file has {length}. The file is damaged: copy or save it again.");
        }
    }

    /// <summary>Reads the rows that follow the header.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static NativeBlock ReadRows(Stream stream, Header header)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        NativeBlock? rows = null;
        try
        {
            ReadPadding(stream, header, hash);
            rows = NativeBlock.Read(stream, header.RowsBytes, (bytes, count) => hash.AppendData(bytes, 0, count));
            CheckHash(stream, hash);
            return rows;
        }
        catch (EndOfStreamException e)
        {
            rows?.Dispose();
            throw CutShort(e);
        }
        catch
        {
            rows?.Dispose();
            throw;
        }
    }

    /// <summary>Reads past the rows that follow the header.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static void CheckRows(Stream stream, Header header)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            ReadPadding(stream, header, hash);
            var buffer = new byte[1 << 20];
            for (long left = header.RowsBytes; left > 0;)
            {
                int part = (int)Math.Min(left, buffer.Length);
                stream.ReadExactly(buffer, 0, part);
                hash.AppendData(buffer, 0, part);
                left -= part;
            }
            CheckHash(stream, hash);
        }
        catch (EndOfStreamException e)
        {
            throw CutShort(e);
        }
    }

    private static void WriteHeader(BinaryWriter writer, FunnelLayout layout, FunnelPlan? plan, int count)
    {
        WriteNumbers(writer, layout.Widths);
        writer.Write((long)count);
        writer.Write(plan?.FirstWidth ?? 0);
        WriteNumbers(writer, plan is null ? [] : [.. plan.ListLengths]);
    }

    private static unsafe void WriteRows(FunnelLayout layout, FunnelSnapshot snapshot, int[] rows, ReadOnlySpanAction put)
    {
        int capacity = (int)FunnelLayout.Rounded(rows.Length);
        var panel = new float[FunnelLayout.Panel * layout.Strides[0]];
        for (int first = 0; first < capacity; first += FunnelLayout.Panel)
        {
            Array.Clear(panel);
            for (int lane = 0; lane < FunnelLayout.Panel && first + lane < rows.Length; lane++)
            {
                FunnelSegment segment = snapshot.Find(rows[first + lane]);
                int row = rows[first + lane] - segment.FirstPosition;
                float* source = segment.PanelAt(row / FunnelLayout.Panel) + (row % FunnelLayout.Panel);
                for (int c = 0; c < layout.Strides[0]; c++)
                {
                    panel[(c * FunnelLayout.Panel) + lane] = source[(nint)c * FunnelLayout.Panel];
                }
            }
            put(MemoryMarshal.AsBytes(panel.AsSpan()));
        }
        for (int i = 1; i < layout.Count; i++)
        {
            int block = i;
            WritePart(snapshot, rows, layout.Strides[i] * sizeof(float), put, (segment, row) => (nint)segment.Row(block, row));
        }
        WritePart(snapshot, rows, sizeof(float), put, (segment, row) => (nint)(segment.Lengths + row));
        for (int i = 1; i < layout.Count - 1; i++)
        {
            int width = i;
            WritePart(snapshot, rows, sizeof(float), put, (segment, row) => (nint)((float*)segment.Inverses[width] + row));
        }
        WritePart(snapshot, rows, sizeof(long), put, (segment, row) => (nint)(segment.Ids + row));
    }

    private static unsafe void WritePart(FunnelSnapshot snapshot, int[] rows, int rowBytes, ReadOnlySpanAction put, Func<FunnelSegment, int, nint> find)
    {
        int capacity = (int)FunnelLayout.Rounded(rows.Length);
        int atOnce = Math.Max(1, Math.Min(RowsAtOnce, Array.MaxLength / rowBytes));
        var buffer = new byte[Math.Min(atOnce, Math.Max(capacity, 1)) * rowBytes];
        for (int first = 0; first < capacity; first += atOnce)
        {
            int count = Math.Min(atOnce, capacity - first);
            Array.Clear(buffer);
            for (int i = 0; i < count && first + i < rows.Length; i++)
            {
                FunnelSegment segment = snapshot.Find(rows[first + i]);
                nint source = find(segment, rows[first + i] - segment.FirstPosition);
                new ReadOnlySpan<byte>((void*)source, rowBytes).CopyTo(buffer.AsSpan(i * rowBytes));
            }
            put(buffer.AsSpan(0, count * rowBytes));
        }
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> bytes);

    private static void ReadPadding(Stream stream, Header header, IncrementalHash hash)
    {
        var padding = new byte[header.RowsStart - header.HeaderBytes];
        stream.ReadExactly(padding);
        hash.AppendData(padding);
    }

    private static void CheckHash(Stream stream, IncrementalHash hash)
    {
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(expected);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
        {
            throw new InvalidDataException("The index's checksum does not fit its bytes. The file is damaged: copy or save it again.");
        }
    }

    private static void WriteNumbers(BinaryWriter writer, ReadOnlySpan<int> numbers)
    {
        writer.Write(numbers.Length);
        foreach (int number in numbers)
        {
            writer.Write(number);
        }
    }

    private static int[] ReadNumbers(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(int))
        {
            throw new InvalidDataException($"The index's header says {count} numbers follow. The file is damaged.");
        }
        var numbers = new int[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = reader.ReadInt32();
        }
        return numbers;
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static InvalidDataException CutShort(Exception inner) => new("The index is cut short: the file ends inside it. Copy or save it again.", inner);

    private static void CheckEndianness()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Index files are little-endian, and this machine is not.");
        }
    }
}
