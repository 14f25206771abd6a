namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads values of Thrift's compact protocol, and never reads past the end of the bytes.</summary>
internal sealed class CompactReader(byte[] bytes)
{
    // The numbers of types.
    public const int True = 1, False = 2, Byte = 3, Int16 = 4, Int32 = 5, Int64 = 6, Double = 7, Binary = 8;
    public const int List = 9, Set = 10, Map = 11, Struct = 12;

    private const int MaxDepth = 32;
    private const int MaxVarintBits = 63;

    private readonly byte[] _bytes = bytes;
    private int _at;

    /// <summary>Gets the position of the next byte.</summary>
    public int Position => _at;

    /// <summary>Reads the header of a structure's next field.</summary>
    /// <param name="id">The number of the field before, and then of this one.</param>
    /// <returns>The type; 0 at the end of the structure.</returns>
    public int NextField(ref int id)
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

    /// <summary>Passes over a value.</summary>
    /// <param name="type">The number of its type.</param>
    /// <param name="depth">How many structures it lies in.</param>
    public void Skip(int type, int depth)
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

    /// <summary>Reads how many items a list has and of which type they are.</summary>
    public (int Count, int Type) ListHeader()
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

    /// <summary>Reads a number with a sign.</summary>
    public long ZigZag()
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
}
