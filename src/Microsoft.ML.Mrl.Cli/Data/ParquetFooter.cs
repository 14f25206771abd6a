using System.Buffers.Binary;
using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>
/// Checks the footer of a Parquet file before the library reads it, since a damaged one makes the library read without end, and finds the
/// columns of half precision, whose annotation the library refuses. The footer is a structure in Thrift's compact protocol.
/// </summary>
internal sealed class ParquetFooter
{
    private const int TailBytes = 8;

    // Numbers of fields in parquet.thrift.
    private const int SchemaOfFile = 2, ChildrenOfElement = 5, LogicalTypeOfElement = 10, Float16OfLogicalType = 15;

    // The header of an empty structure BSON where that of FLOAT16 stands: both are a field number 13 or 15 and the type Struct.
    private const byte BsonHeader = 0xDC;

    private readonly byte[] _bytes;
    private readonly CompactReader _reader;
    private readonly HashSet<int> _halves = [];
    private readonly List<int> _annotations = [];
    private int _leaves;

    private ParquetFooter(byte[] bytes)
    {
        _bytes = bytes;
        _reader = new CompactReader(bytes);
    }

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
            string place = string.Create(CultureInfo.InvariantCulture, $"at byte {footer._reader.Position} of {length}");
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
        for (int id = 0; _reader.NextField(ref id) is var type and not 0;)
        {
            if (id == SchemaOfFile && type == CompactReader.List)
            {
                ReadSchema();
            }
            else
            {
                _reader.Skip(type, 1);
            }
        }
    }

    private void ReadSchema()
    {
        (int count, int type) = _reader.ListHeader();
        for (int i = 0; i < count; i++)
        {
            if (type == CompactReader.Struct)
            {
                ReadElement();
            }
            else
            {
                _reader.Skip(type, 1);
            }
        }
    }

    private void ReadElement()
    {
        long children = 0;
        int? annotation = null;
        for (int id = 0; _reader.NextField(ref id) is var type and not 0;)
        {
            if (id == ChildrenOfElement && type == CompactReader.Int32)
            {
                children = _reader.ZigZag();
            }
            else if (id == LogicalTypeOfElement && type == CompactReader.Struct)
            {
                annotation = HalfAnnotation();
            }
            else
            {
                _reader.Skip(type, 2);
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
            int position = _reader.Position, id = 0;
            int type = _reader.NextField(ref id);
            if (type == 0)
            {
                return found;
            }
            // Only a number in the header itself can be overlaid in place.
            if (id == Float16OfLogicalType && type == CompactReader.Struct && _bytes[position] >> 4 == Float16OfLogicalType)
            {
                found = position;
            }
            _reader.Skip(type, 3);
        }
    }
}
