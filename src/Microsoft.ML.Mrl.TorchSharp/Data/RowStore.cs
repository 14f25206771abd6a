namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Rows of one width, appended in order and then read anywhere: the first lie in memory, in pieces, for as long as the storage has room,
/// and all others in a temporary file. Offsets are long, so a column may be far longer than an array. Reading is thread-safe once it is
/// complete.
/// </summary>
internal sealed class RowStore(int width, RowStorage storage, RowStorage.Purpose purpose) : IDisposable
{
    private const int BytesPerWrite = 1 << 20;
    private const int FirstRows = 16;

    private readonly int _rowsPerChunk = (int)Math.Max(1, storage.ChunkBytes / BytesOf(width));
    private readonly List<float[]> _chunks = [];
    private long _rowsOfChunks;
    private long _taken;
    private SpillFile? _file;
    private int _inMemory;
    private float[] _pending = [];
    private int _pendingRows;
    private long _written;

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    public int Width => width;

    /// <summary>Bytes in the temporary file.</summary>
    public long SpilledBytes => (_written + _pendingRows) * BytesOf(width);

    /// <summary>Lends room for one more row, to be written before the next call.</summary>
    /// <exception cref="InvalidOperationException">There are as many rows as can be numbered.</exception>
    /// <exception cref="TempSpaceException">The disk is full.</exception>
    public Span<float> NextRow()
    {
        if (Count == Array.MaxLength)
        {
            throw new InvalidOperationException($"The data has more than {Array.MaxLength} rows. Train on fewer rows.");
        }
        if (_file is null && (Count < _rowsOfChunks || Grow()))
        {
            int row = Count++;
            _inMemory = Count;
            return InMemory(row);
        }
        _file ??= storage.CreateFile();
        if (_pending.Length == 0)
        {
            _pending = new float[Math.Max(1, BytesPerWrite / BytesOf(width)) * width];
        }
        if ((_pendingRows + 1L) * width > _pending.Length)
        {
            WritePending();
        }
        Count++;
        return _pending.AsSpan(_pendingRows++ * width, width);
    }

    /// <summary>Adds rows, <c>[n, width]</c>.</summary>
    public void Append(ReadOnlySpan<float> rows)
    {
        for (; rows.Length > 0; rows = rows[width..])
        {
            rows[..width].CopyTo(NextRow());
        }
    }

    /// <summary>Ends the adding; reading may begin.</summary>
    public void Complete()
    {
        if (_pendingRows > 0)
        {
            WritePending();
        }
        _pending = [];
    }

    /// <summary>Reads neighbouring rows, as many as the destination holds.</summary>
    public void Read(int first, Span<float> destination)
    {
        while (destination.Length > 0 && first < _inMemory)
        {
            int there = Math.Min(_inMemory - first, _rowsPerChunk - first % _rowsPerChunk);
            int rows = Math.Min(there, destination.Length / width);
            _chunks[first / _rowsPerChunk].AsSpan(first % _rowsPerChunk * width, rows * width).CopyTo(destination);
            destination = destination[(rows * width)..];
            first += rows;
        }
        if (destination.Length > 0)
        {
            _file!.Read(destination, OffsetOf(first));
        }
    }

    /// <summary>Reads the first values of a row.</summary>
    public void ReadPrefix(int row, Span<float> destination)
    {
        if (row < _inMemory)
        {
            InMemory(row)[..destination.Length].CopyTo(destination);
        }
        else
        {
            _file!.Read(destination, OffsetOf(row));
        }
    }

    /// <summary>A row: where it lies, if that is in memory, else copied to the room given.</summary>
    public ReadOnlySpan<float> Row(int row, Span<float> room)
    {
        if (row < _inMemory)
        {
            return InMemory(row);
        }
        ReadPrefix(row, room[..width]);
        return room[..width];
    }

    public void Dispose()
    {
        _file?.Dispose();
        _chunks.Clear();
        storage.Take(purpose, -_taken);
        _taken = 0;
    }

    private static long BytesOf(int width) => (long)width * sizeof(float);

    private Span<float> InMemory(int row) => _chunks[row / _rowsPerChunk].AsSpan(row % _rowsPerChunk * width, width);

    private long OffsetOf(int row) => (row - (long)_inMemory) * BytesOf(width);

    private void WritePending()
    {
        _file!.Write(_pending.AsSpan(0, _pendingRows * width), _written * BytesOf(width));
        _written += _pendingRows;
        _pendingRows = 0;
    }

    /// <summary>Makes room in memory: the last piece grows until it is whole, then there is another.</summary>
    private bool Grow()
    {
        int last = (int)(_rowsOfChunks % _rowsPerChunk);
        // Only the first piece starts small: whoever fills it has more to come.
        int first = _chunks.Count > 0 ? _rowsPerChunk : Math.Min(FirstRows, _rowsPerChunk);
        int wanted = last > 0 ? (int)Math.Min(_rowsPerChunk, last * 2L) : first;
        int rows = (int)Math.Min(wanted, last + storage.Room(purpose) / BytesOf(width));
        if (rows <= last)
        {
            return false;
        }
        if (last == 0)
        {
            _chunks.Add(new float[rows * width]);
        }
        else
        {
            float[] piece = _chunks[^1];
            Array.Resize(ref piece, rows * width);
            _chunks[^1] = piece;
        }
        long bytes = (rows - last) * BytesOf(width);
        storage.Take(purpose, bytes);
        _taken += bytes;
        _rowsOfChunks += rows - last;
        return true;
    }
}
