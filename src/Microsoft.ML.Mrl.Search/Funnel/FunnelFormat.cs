using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// The file of an index, little-endian: a header (a checksummed frame); the catalogue (ids, checksums of the rows; the node of each row,
/// the graph) and its SHA-256; the rows. Everything but the rows is read and checked whenever a file is
/// opened; a row is held against its own checksum.
/// </summary>
internal static unsafe class FunnelFormat
{
    private const byte Version = 5;
    private const int RowsAtOnce = 1024;
    private const int Step = 1 << 20;
    private const int LongestHeader = 1 << 24;
    private const int PlanNumbers = 6;

    private static ReadOnlySpan<byte> Magic => "MRLFUNL"u8;

    /// <summary>What comes first.</summary>
    public sealed record Header(
        int Dimensions, bool HasOwnPrefixes, MatryoshkaDimensions Prefixes, int Count, FunnelPlan? Plan, int GraphDimensions,
        EmbeddingType GraphType, int Nodes);

    /// <summary>Makes the store of the rows, which come next in the stream, by their ids and checksums.</summary>
    public delegate RowStore RowReader(Stream stream, Header header, long[] ids, ulong[] checksums);

    /// <summary>Writes an index; removed rows are left out.</summary>
    public static void Write(Stream stream, FunnelIndex index, FunnelSnapshot snapshot)
    {
        CheckEndianness();
        RowStore rows = snapshot.Rows;
        int[] live = snapshot.Live(), nodes = snapshot.Graph?.NodeOfEach(snapshot.Count, live) ?? [];
        UsearchGraph? links = snapshot.Graph?.Links;
        ChecksummedFrame.Write(stream, Magic, Version, writer =>
        {
            writer.Write(index.Dimensions);
            writer.Write(index.HasOwnPrefixes);
            WriteNumbers(writer, [.. index.Prefixes]);
            writer.Write((long)live.Length);
            FunnelPlan? plan = snapshot.Plan;
            writer.Write(plan is not null);
            WriteNumbers(writer, plan is null || plan.IsExact ? []
                : [plan.Dimensions, (int)plan.Type, plan.Candidates, plan.Expansion, plan.MiddleDimensions ?? 0, plan.MiddleCandidates]);
            writer.Write(links?.Dimensions ?? 0);
            writer.Write((int)(links?.Type ?? default));
            writer.Write(snapshot.Graph?.Nodes ?? 0);
        });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        fixed (float* room = new float[rows.Stride])
        {
            float* own = room;
            Put(MemoryMarshal.AsBytes<long>(Array.ConvertAll(live, rows.IdOf)));
            Put(MemoryMarshal.AsBytes<ulong>(Array.ConvertAll(live, position => FileRows.Checksum(Row(position)))));
            Put(MemoryMarshal.AsBytes<int>(nodes));
            links?.Save(length => Put(BitConverter.GetBytes(length)), (bytes, _) => Put(bytes));
            stream.Write(hash.GetHashAndReset());
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
        }
    }

    /// <summary>Reads an index.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="readRows">Makes the store of the rows.</param>
    /// <exception cref="InvalidDataException">It is something else, damaged, or of another version.</exception>
    /// <exception cref="PlatformNotSupportedException">There is a graph, and no native library for this platform.</exception>
    public static (Header Header, FunnelSnapshot Snapshot) Read(Stream stream, RowReader readRows)
    {
        CheckEndianness();
        Header header = ChecksummedFrame.Read(
            stream, Magic, (Version, Version), "index", LongestHeader, (reader, _) => ReadHeader(reader));
        PrefixGraph? graph = null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            long[] ids = ReadArray<long>(stream, header.Count, hash);
            ulong[] checksums = ReadArray<ulong>(stream, header.Count, hash);
            int[] nodes = ReadArray<int>(stream, header.Nodes > 0 ? header.Count : 0, hash);
            byte[][] pieces = header.Nodes > 0 ? ReadPieces(stream, ReadArray<long>(stream, 1, hash)[0], hash) : [];
            Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
            stream.ReadExactly(expected);
            if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
            {
                throw new InvalidDataException("The index's checksum does not fit its bytes. The file is damaged: copy or save it again.");
            }
            // A node takes some bytes of the graph, so a number that is not true cannot ask for gigabytes.
            if (header.Nodes > pieces.Sum(piece => (long)piece.Length) || nodes.Any(node => node < -1 || node >= header.Nodes))
            {
                throw new InvalidDataException("The index's catalogue does not make sense. The file is damaged.");
            }
            graph = header.Nodes == 0 ? null : new PrefixGraph(LoadGraph(header, pieces), header.Nodes, nodes);
            return (header, new FunnelSnapshot(readRows(stream, header, ids, checksums), header.Count, header.Plan, graph));
        }
        catch (Exception e)
        {
            graph?.Dispose();
            if (e is not EndOfStreamException)
            {
                throw;
            }
            throw new InvalidDataException("The index is cut short: the file ends inside it. Copy or save it again.", e);
        }
    }

    /// <summary>Reads the rows into memory.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static MemoryRows ReadRows(Stream stream, Header header, long[] ids, ulong[] checksums)
    {
        var rows = new MemoryRows(header.Dimensions);
        if (stream.CanSeek && stream.Length - stream.Position < (long)header.Count * rows.Stride * sizeof(float))
        {
            throw new EndOfStreamException();
        }
        for (int first = 0; first < header.Count; first += RowsAtOnce)
        {
            int start = first;
            rows = rows.Append(first, ids.AsSpan(first, Math.Min(RowsAtOnce, header.Count - first)), (row, target) =>
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(target));
                if (FileRows.Checksum(MemoryMarshal.AsBytes(target)) != checksums[start + row])
                {
                    throw new InvalidDataException(
                        $"The checksum of row {start + row} does not fit its bytes. The file is damaged: copy or save it again.");
                }
            });
        }
        return rows;
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
            reader.ReadInt32(), (EmbeddingType)reader.ReadInt32(), reader.ReadInt32());
        FunnelIndex.CheckPlan(header.Plan, dimensions, nameof(reader));
        bool makesSense = count is >= 0 and <= FunnelIndex.MaxRows && prefixes.Largest == dimensions
            && dimensions <= Array.MaxLength / sizeof(float) / RowsAtOnce
            && header.GraphDimensions >= 0 && header.GraphDimensions <= dimensions && header.Nodes >= 0
            && header.Nodes > 0 == header.GraphDimensions > 0;
        return makesSense ? header : throw new InvalidDataException("The index's header does not make sense. The file is damaged.");
    }

    private static UsearchGraph LoadGraph(Header header, byte[][] pieces)
    {
        long length = pieces.Sum(piece => (long)piece.Length);
        byte* bytes = (byte*)NativeMemory.Alloc((nuint)length);
        try
        {
            byte* at = bytes;
            foreach (byte[] piece in pieces)
            {
                piece.CopyTo(new Span<byte>(at, piece.Length));
                at += piece.Length;
            }
            return UsearchGraph.Load(header.GraphDimensions, header.GraphType, header.Dimensions, bytes, length);
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

    private static void CheckEndianness()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Index files are little-endian, and this machine is not.");
        }
    }
}
