namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Where the rows of one training lie: in memory up to a budget, the rest in temporary files. One half of the budget is for vectors as they
/// came, and what is left of all of it for coordinates, which every epoch reads. Not thread-safe; a training has one of its own.
/// </summary>
internal sealed class RowStorage
{
    /// <summary>The size of a piece of memory, in bytes: an array holds so much, however long the column is.</summary>
    private const int BytesPerChunk = 64 << 20;

    private readonly long _budget;
    private readonly string _folder;
    private readonly Func<string, long?> _freeBytes;
    private long _vectorBytes;
    private long _coordinateBytes;
    private long _vectorBytesToCome;
    private long _coordinateBytesToCome;

    /// <param name="budget">Bytes of rows that may lie in memory.</param>
    /// <param name="folder">The folder of the temporary files.</param>
    /// <param name="chunkBytes">The size of a piece of memory.</param>
    /// <param name="freeBytes">Gives the free bytes of a folder, null where that cannot be known.</param>
    public RowStorage(long budget, string folder, int chunkBytes = BytesPerChunk, Func<string, long?>? freeBytes = null)
    {
        _budget = budget;
        _folder = folder;
        _freeBytes = freeBytes ?? SpillFile.FreeBytes;
        ChunkBytes = chunkBytes;
    }

    /// <summary>Whose rows they are.</summary>
    public enum Purpose
    {
        Vectors,
        Coordinates,
    }

    public int ChunkBytes { get; }

    /// <summary>
    /// The storage that options ask for; by default a quarter of the memory that the process may use, and the system's temporary folder.
    /// </summary>
    public static RowStorage Of(long? budget = null, string? folder = null) =>
        new(budget ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, folder ?? Path.GetTempPath());

    /// <summary>How many more bytes of memory there are for rows.</summary>
    public long Room(Purpose purpose) => Math.Max(0, purpose == Purpose.Vectors
        ? Math.Min(_budget / 2, _budget - _coordinateBytes) - _vectorBytes
        : _budget - _vectorBytes - _coordinateBytes);

    /// <summary>Notes that memory was taken, or with a negative number given back.</summary>
    public void Take(Purpose purpose, long bytes)
    {
        if (purpose == Purpose.Vectors)
        {
            _vectorBytes += bytes;
        }
        else
        {
            _coordinateBytes += bytes;
        }
    }

    public SpillFile CreateFile() => new(_folder, _freeBytes);

    /// <summary>Notes what a column is going to need, before it is read.</summary>
    /// <exception cref="TempSpaceException">The disk has no room for what will not fit the memory.</exception>
    public void Announce(long vectorBytes, long coordinateBytes)
    {
        _vectorBytesToCome += vectorBytes;
        _coordinateBytesToCome += coordinateBytes;
        long vectorsInMemory = Math.Min(_vectorBytesToCome, _budget / 2);
        Require(_vectorBytesToCome - vectorsInMemory + Math.Max(0, _coordinateBytesToCome - (_budget - vectorsInMemory)));
    }

    /// <summary>Makes sure that there is room for coordinates, whose number is known by now.</summary>
    /// <exception cref="TempSpaceException">The disk has no room for what will not fit the memory.</exception>
    public void RequireCoordinates(long bytes) => Require(bytes - Room(Purpose.Coordinates));

    private void Require(long bytes)
    {
        if (bytes > 0 && _freeBytes(_folder) is { } free && free < bytes)
        {
            throw new TempSpaceException(_folder, bytes, free);
        }
    }
}
