using System.Buffers.Binary;
using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>
/// Checks the footer of a Parquet file before the library reads it, since a damaged one makes the library read without end, and finds the
/// columns
/// of half precision, whose annotation the library refuses. The footer is a structure in Thrift's compact protocol.
/// </summary>
internal sealed class ParquetFooter
{
    private const int TailBytes = 8;
    private const int MaxDepth = 32;
    private const int MaxVarintBits = 63;

    // Numbers of types in the compact protocol.
    private const int True = 1, False = 2, Byte = 3, Int16 = 4, Int32 = 5, Int64 = 6, Double = 7, Binary = 8;
    private const int List = 9, Set = 10, Map = 11, Struct = 12;

    // Numbers of fields in parquet.thrift.
    private const int SchemaOfFile = 2, ChildrenOfElement = 5, LogicalTypeOfElement = 10, Float16OfLogicalType = 15;

    // The header of an empty structure BSON where that of FLOAT16 stands: both are a field number 13 or 15 and the type Struct.
    private const byte BsonHeader = 0xDC;

    private readonly byte[] _bytes;
    private readonly HashSet<int> _halves = [];
    private readonly List<int> _annotations = [];
    private int _at;
    private int _leaves;

    private ParquetFooter(byte[] bytes) => _bytes = bytes;

    /// <summary>Reads and checks the footer of a file.</summary>
    /// <exception cref="CommandException">The file is not a Parquet file, or its footer is damaged.</exception>
    public static ParquetFooter Read(Stream stream, string name)
    {
        Span<byte> tail = stackalloc byte[TailBytes];
        if (stream.Length < TailBytes + 4)
        {
            throw Unreadable(name, "it is too short");
        }
        stream.Position = stream.Length - TailBytes;
        stream.ReadExactly(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8))
        {
            throw Unreadable(name, tail[4..].SequenceEqual("PARE"u8) ? "its footer is encrypted" : "it does not end with PAR1");
        }
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length > stream.Length - TailBytes - 4)
        {
            throw Unreadable(name, string.Create(
                CultureInfo.InvariantCulture, $"its footer claims {length} bytes, and the file has {stream.Length}"));
        }
        var footer = new ParquetFooter(new byte[length]);
        stream.Position = stream.Length - TailBytes - length;
        stream.ReadExactly(footer._bytes);
        stream.Position = 0;
        try
        {
            footer.ReadFile();
        }
        catch (InvalidDataException e)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"at byte {footer._at} of {length}");
            throw Unreadable(name, $"its footer is damaged {place}: {e.Message}", e);
        }
        return footer;
    }

    /// <summary>Determines whether a column holds numbers of half precision.</summary>
    /// <param name="leaf">The position of the column among those that hold values, from 0.</param>
    public bool IsHalf(int leaf) => _halves.Contains(leaf);

    /// <summary>Returns the file with columns of half precision declared as plain bytes.</summary>
    public Stream Readable(Stream stream)
    {
        if (_annotations.Count == 0)
        {
            return stream;
        }
        long start = stream.Length - TailBytes - _bytes.Length;
        return new OverlaidStream(stream, _annotations.ToDictionary(position => start + position, _ => BsonHeader));
    }

    private static CommandException Unreadable(string name, string what, Exception? inner = null) =>
        new($"Cannot read '{name}' as a Parquet file: {what}. Write it again, or as .csv.", inner: inner);

    private void ReadFile()
    {
        for (int id = 0; NextField(ref id) is var type and not 0;)
        {
            if (id == SchemaOfFile && type == List)
            {
                ReadSchema();
            }
            else
            {
                Skip(type, 1);
            }
        }
    }

    private void ReadSchema()
    {
        (int count, int type) = ListHeader();
        for (int i = 0; i < count; i++)
        {
            if (type == Struct)
            {
                ReadElement();
            }
            else
            {
                Skip(type, 1);
            }
        }
    }

    private void ReadElement()
    {
        long children = 0;
        int? annotation = null;
        for (int id = 0; NextField(ref id) is var type and not 0;)
        {
            if (id == ChildrenOfElement && type == Int32)
            {
                children = ZigZag();
            }
            else if (id == LogicalTypeOfElement && type == Struct)
            {
                annotation = HalfAnnotation();
            }
            else
            {
                Skip(type, 2);
            }
        }
        if (children > 0)
        {
            return;
        }
        if (annotation is { } position)
        {
            _annotations.Add(position);
            _halves.Add(_leaves);
        }
        _leaves++;
    }

    /// <returns>The position of the field that says half precision, or <see langword="null"/> for other logical types.</returns>
    private int? HalfAnnotation()
    {
        int? found = null;
        while (true)
        {
            int position = _at, id = 0;
            int type = NextField(ref id);
            if (type == 0)
            {
                return found;
            }
            // Only a number in the header itself can be overlaid in place.
            if (id == Float16OfLogicalType && type == Struct && _bytes[position] >> 4 == Float16OfLogicalType)
            {
                found = position;
            }
            Skip(type, 3);
        }
    }

    /// <summary>Reads the header of a structure's next field.</summary>
    /// <param name="id">The number of the field before, and then of this one.</param>
    /// <returns>The type; 0 at the end of the structure.</returns>
    private int NextField(ref int id)
    {
        int header = NextByte();
        if (header == 0)
        {
            return 0;
        }
        int delta = header >> 4;
        id = delta != 0 ? id + delta : (int)ZigZag();
        return header & 15;
    }

    private void Skip(int type, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException("structures are nested too deeply");
        }
        switch (type)
        {
            case True or False:
                break;
            case Byte:
                NextByte();
                break;
            case Int16 or Int32 or Int64:
                Varint();
                break;
            case Double:
                Advance(sizeof(double));
                break;
            case Binary:
                Advance(Varint());
                break;
            case List or Set:
                (int count, int item) = ListHeader();
                for (int i = 0; i < count; i++)
                {
                    SkipItem(item, depth);
                }
                break;
            case Map:
                SkipMap(depth);
                break;
            case Struct:
                for (int id = 0; NextField(ref id) is var inner and not 0;)
                {
                    Skip(inner, depth + 1);
                }
                break;
            default:
                throw new InvalidDataException($"{type} is not the number of a type");
        }
    }

    // A Boolean is a part of its field's header, but a byte of a list.
    private void SkipItem(int type, int depth) => Skip(type is True or False ? Byte : type, depth + 1);

    private void SkipMap(int depth)
    {
        ulong count = Varint();
        if (count == 0)
        {
            return;
        }
        CheckCount(count);
        int types = NextByte();
        for (ulong i = 0; i < count; i++)
        {
            SkipItem(types >> 4, depth);
            SkipItem(types & 15, depth);
        }
    }

    private (int Count, int Type) ListHeader()
    {
        int header = NextByte();
        ulong count = header >> 4 is var small and < 15 ? (ulong)small : Varint();
        CheckCount(count);
        return ((int)count, header & 15);
    }

    // Each item takes at least a byte.
    private void CheckCount(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
        {
            throw new InvalidDataException($"a list claims {count} items");
        }
    }

    private long ZigZag()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift <= MaxVarintBits; shift += 7)
        {
            byte part = NextByte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
        throw new InvalidDataException("a number has too many bytes");
    }

    private void Advance(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
        {
            throw new InvalidDataException("it ends within a value");
        }
        _at += (int)count;
    }

    private byte NextByte() => _at < _bytes.Length ? _bytes[_at++] : throw new InvalidDataException("it ends within a value");

    /// <summary>A stream that reads as another does, with single bytes replaced.</summary>
    private sealed class OverlaidStream(Stream inner, Dictionary<long, byte> replaced) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override int Read(Span<byte> buffer)
        {
            long start = inner.Position;
            int count = inner.Read(buffer);
            foreach ((long position, byte value) in replaced)
            {
                if (position >= start && position < start + count)
                {
                    buffer[(int)(position - start)] = value;
                }
            }
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer.AsSpan(offset, count)));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
