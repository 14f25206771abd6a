using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// The file of an index, little-endian: a header (a checksummed frame); the catalogue (ids, checksums of the rows, keys, rows apart, links
/// between equal rows, the graph) and its SHA-256; zeros up to a multiple of 4096; the rows. Everything but the rows is read and checked
/// whenever a file is opened; a row is held against its own checksum.
/// </summary>
internal static unsafe class FunnelFormat
{
    private const byte Version = 3;
    private const int Alignment = 4096;
    private const int FrameBytes = 16 + SHA256.HashSizeInBytes;
    private const int RowsAtOnce = 1024;
    private const int Step = 1 << 20;
    private const int LongestHeader = 1 << 24;
    private const int PlanNumbers = 6;

    private static ReadOnlySpan<byte> Magic => "MRLFUNL"u8;

    /// <summary>What comes first.</summary>
    public sealed record Header(
        int Dimensions, bool HasOwnPrefixes, MatryoshkaDimensions Prefixes, int Count, FunnelPlan? Plan, int GraphDimensions,
            EmbeddingType GraphType,
        int Keys, int Boundary, int Apart, int Links, int Bytes);

    /// <summary>What an index knows of its rows beside their values.</summary>
    public sealed record Catalog(long[] Ids, ulong[] Checksums, int[] Keys, int[] Apart, int[] Next, UsearchGraph? Graph, long RowsStart);

    /// <summary>Writes an index; removed rows are left out.</summary>
    public static void Write(Stream stream, FunnelIndex index, FunnelSnapshot snapshot, int[] live)
    {
        CheckEndianness();
        RowStore rows = snapshot.Rows;
        UsearchGraph? graph = snapshot.Graph;
        bool hasKeys = graph is not null && (snapshot.Boundary > 0 || live.Length < snapshot.Count);
        int[] apart = FunnelIndex.ApartAmong(snapshot, live), next = FunnelIndex.LinksAmong(snapshot, live);
        using var header = new MemoryStream();
        ChecksummedFrame.Write(header, Magic, Version, writer =>
        {
            writer.Write(index.Dimensions);
            writer.Write(index.HasOwnPrefixes);
            WriteNumbers(writer, [.. index.Prefixes]);
            writer.Write((long)live.Length);
            FunnelPlan? plan = snapshot.Plan;
            writer.Write(plan is not null);
            WriteNumbers(writer, plan is null || plan.IsExact ? []
                : [plan.Dimensions, (int)plan.Type, plan.Candidates, plan.Expansion, plan.MiddleDimensions ?? 0, plan.MiddleCandidates]);
            writer.Write(graph?.Dimensions ?? 0);
            writer.Write((int)(graph?.Type ?? default));
            writer.Write(hasKeys ? live.Length : 0);
            writer.Write(hasKeys ? snapshot.KeyOf(snapshot.Count) : 0);
            writer.Write(apart.Length);
            writer.Write(next.Length);
        });
        stream.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long written = header.Length;
        var buffer = new float[rows.Stride];
        fixed (float* room = buffer)
        {
            float* own = room;
            Put(MemoryMarshal.AsBytes<long>(Array.ConvertAll(live, rows.IdOf)));
            Put(MemoryMarshal.AsBytes<ulong>(Array.ConvertAll(live, position => FileRows.Checksum(Row(position)))));
            Put(MemoryMarshal.AsBytes<int>(hasKeys ? Array.ConvertAll(live, snapshot.KeyOf) : []));
            Put(MemoryMarshal.AsBytes<int>(apart));
            Put(MemoryMarshal.AsBytes<int>(next));
            if (graph is null)
            {
                Put(BitConverter.GetBytes(0L));
            }
            else
            {
                graph.Save(length => Put(BitConverter.GetBytes(length)), (bytes, _) => Put(bytes));
            }
            stream.Write(hash.GetHashAndReset());
            written += SHA256.HashSizeInBytes;
            stream.Write(new byte[Aligned(written) - written]);
            foreach (int position in live)
            {
                stream.Write(Row(position));
            }

            ReadOnlySpan<byte> Row(int position) => new(rows.Rows(position, 1, own), rows.Stride * sizeof(float));
        }
        GC.KeepAlive(rows);

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
            written += bytes.Length;
        }
    }

    /// <exception cref="InvalidDataException">It is something else, damaged, or of another version.</exception>
    public static Header ReadHeader(Stream stream)
    {
        CheckEndianness();
        return ChecksummedFrame.Read(stream, Magic, (Version, Version), "index", LongestHeader, (reader, _) => ReadHeader(reader));
    }

    /// <summary>Reads what is between the header and the rows, zeros included.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="PlatformNotSupportedException">There is a graph, and no native library for this platform.</exception>
    public static Catalog ReadCatalog(Stream stream, Header header)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            long[] ids = ReadArray<long>(stream, header.Count, hash);
            ulong[] checksums = ReadArray<ulong>(stream, header.Count, hash);
            int[] keys = ReadArray<int>(stream, header.Keys, hash), apart = ReadArray<int>(stream, header.Apart, hash),
                next = ReadArray<int>(stream, header.Links, hash);
            long length = ReadArray<long>(stream, 1, hash)[0];
            byte[][] pieces = ReadPieces(stream, length, hash);
            Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
            stream.ReadExactly(expected);
            if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
            {
                throw new InvalidDataException("The index's checksum does not fit its bytes. The file is damaged: copy or save it again.");
            }
            if (apart.Any(position => (uint)position >= (uint)header.Count)
                || next.Where((to, from) => to != 0 && (to <= from || to >= header.Count)).Any()
                    || (length > 0) != (header.GraphDimensions > 0))
            {
                throw new InvalidDataException("The index's catalogue does not make sense. The file is damaged.");
            }
            long end = header.Bytes + (16L * header.Count) + (4L * (keys.Length + apart.Length + next.Length)) + sizeof(long) + length + SHA256.HashSizeInBytes;
            stream.ReadExactly(new byte[Aligned(end) - end]);
            UsearchGraph? graph = length == 0 ? null : LoadGraph(header, pieces, length);
            return new Catalog(ids, checksums, keys, apart, next, graph, Aligned(end));
        }
        catch (EndOfStreamException e)
        {
            throw CutShort(e);
        }
    }

    /// <summary>Reads the rows into memory.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static MemoryRows ReadRows(Stream stream, Header header, Catalog catalog)
    {
        var rows = new MemoryRows(header.Dimensions);
        try
        {
            if (stream.CanSeek && stream.Length - stream.Position < (long)header.Count * rows.Stride * sizeof(float))
            {
                throw new EndOfStreamException();
            }
            for (int first = 0; first < header.Count; first += RowsAtOnce)
            {
                int start = first;
                rows = rows.Append(first, catalog.Ids.AsSpan(first, Math.Min(RowsAtOnce, header.Count - first)), (row, target) =>
                {
                    stream.ReadExactly(MemoryMarshal.AsBytes(target));
                    if (FileRows.Checksum(MemoryMarshal.AsBytes(target)) != catalog.Checksums[start + row])
                    {
                        throw new InvalidDataException($"The checksum of row {start + row} does not fit its bytes. The file is " +
                            "damaged: copy or save it again.");
                    }
                });
            }
            for (int row = 0; row < catalog.Next.Length; row++)
            {
                rows.Link(row, catalog.Next[row]);
            }
            return rows;
        }
        catch (EndOfStreamException e)
        {
            throw CutShort(e);
        }
    }

    private static Header ReadHeader(BinaryReader reader)
    {
        int dimensions = reader.ReadInt32();
        bool hasOwn = reader.ReadBoolean();
        var prefixes = new MatryoshkaDimensions(ReadNumbers(reader));
        long count = reader.ReadInt64();
        bool hasPlan = reader.ReadBoolean();
        int[] plan = ReadNumbers(reader);
        var header = new Header(
            dimensions, hasOwn, prefixes, (int)Math.Clamp(count, -1, int.MaxValue),
            !hasPlan ? null : plan.Length == 0 ? FunnelPlan.Exact
                : plan.Length != PlanNumbers ? throw new InvalidDataException($"The index's plan has {plan.Length} numbers, not " +
                    $"{PlanNumbers}. The file is damaged.")
                : new FunnelPlan(plan[0], (EmbeddingType)plan[1], plan[2], plan[3], plan[4] == 0 ? null : plan[4], plan[5]),
            reader.ReadInt32(), (EmbeddingType)reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(),
                reader.ReadInt32(),
            (int)reader.BaseStream.Length + FrameBytes);
        bool makesSense = count is >= 0 and <= FunnelIndex.MaxRows && prefixes.Largest == dimensions
            && dimensions <= Array.MaxLength / sizeof(float) / RowsAtOnce && header.GraphDimensions >= 0
                && header.GraphDimensions <= dimensions
            && (header.Keys == 0 || header.Keys == count) && header.Boundary >= 0 && header.Apart >= 0 && header.Apart <= count
            && (header.Links == 0 || header.Links == count);
        return makesSense ? header : throw new InvalidDataException("The index's header does not make sense. The file is damaged.");
    }

    private static UsearchGraph LoadGraph(Header header, byte[][] pieces, long length)
    {
        byte* bytes = (byte*)NativeMemory.Alloc((nuint)length);
        try
        {
            byte* at = bytes;
            for (int i = 0; i < pieces.Length; at += pieces[i].Length, i++)
            {
                pieces[i].CopyTo(new Span<byte>(at, pieces[i].Length));
            }
            return UsearchGraph.Load(header.GraphDimensions, header.GraphType, bytes, length);
        }
        finally
        {
            NativeMemory.Free(bytes);
        }
    }

    // Grows with what really arrives, so that a length that is not true cannot ask for gigabytes.
    private static byte[][] ReadPieces(Stream stream, long length, IncrementalHash hash)
    {
        if (length < 0 || (stream.CanSeek && stream.Length - stream.Position < length))
        {
            throw new EndOfStreamException();
        }
        var pieces = new List<byte[]>();
        for (long left = length; left > 0; left -= pieces[^1].Length)
        {
            var piece = new byte[Math.Min(left, Step)];
            stream.ReadExactly(piece);
            hash.AppendData(piece);
            pieces.Add(piece);
        }
        return [.. pieces];
    }

    private static T[] ReadArray<T>(Stream stream, int count, IncrementalHash hash)
        where T : unmanaged
    {
        byte[][] pieces = ReadPieces(stream, (long)count * sizeof(T), hash);
        var values = new T[count];
        int at = 0;
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<T> part = MemoryMarshal.Cast<byte, T>(piece);
            part.CopyTo(values.AsSpan(at));
            at += part.Length;
        }
        return values;
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

    private static InvalidDataException CutShort(Exception inner) => new("The index is cut short: the file ends inside it. Copy or " +
        "save it again.", inner);

    private static void CheckEndianness()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Index files are little-endian, and this machine is not.");
        }
    }
}
