using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

public sealed class RowStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 3, 0, 64)]
    [InlineData(1, 3, 0, 64)]
    [InlineData(100, 3, 0, 64)]
    [InlineData(100, 3, 1_000_000, 64)]
    [InlineData(100, 3, 500, 64)]
    [InlineData(100, 1, 90, 4)]
    [InlineData(100, 40, 1_000, 64)]
    [InlineData(5, 400_000, 0, 64)]
    [InlineData(5_000, 100, 1_000_000, 1 << 16)]
    public void Append_AnyBudgetAndChunk_ReadsBackEveryRow(int count, int width, long budget, int chunkBytes)
    {
        using RowStore store = Store(width, budget, chunkBytes);
        float[] values = Fill(store, count);

        Assert.Equal((count, width), (store.Count, store.Width));
        var row = new float[width];
        foreach (int i in Shuffled(count))
        {
            store.ReadPrefix(i, row);
            Assert.Equal(values.AsSpan(i * width, width), row.AsSpan());
            Assert.Equal(values.AsSpan(i * width, width), store.Row(i, row).ToArray().AsSpan());
            var prefix = new float[(width + 1) / 2];
            store.ReadPrefix(i, prefix);
            Assert.Equal(values.AsSpan(i * width, prefix.Length), prefix.AsSpan());
        }
    }

    [Fact]
    public void Read_BlocksAcrossPiecesAndTheFile_EqualTheirRows()
    {
        // Pieces of 5 rows; 12 rows in memory.
        const int Width = 3, Count = 40;
        using RowStore store = Store(Width, 12 * Width * 4, 5 * Width * 4);
        float[] values = Fill(store, Count);

        Assert.Equal(28 * Width * 4, store.SpilledBytes);
        for (int first = 0; first <= Count; first++)
        {
            for (int rows = 0; first + rows <= Count; rows++)
            {
                var block = new float[rows * Width];
                store.Read(first, block);
                Assert.Equal(values.AsSpan(first * Width, rows * Width), block.AsSpan());
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(39, 3)]
    [InlineData(40, 4)]
    [InlineData(4_000, 100)]
    public void Append_PastTheBudget_KeepsInMemoryWhatFitsAndSpillsTheRest(long budget, int inMemory)
    {
        using RowStore store = Store(width: 3, budget, chunkBytes: 1 << 10, bytesPerRow: 10);
        Fill(store, 100);

        Assert.Equal((100 - inMemory) * 12, store.SpilledBytes);
    }

    [Fact]
    public void Append_WithinTheBudget_MakesNoFile()
    {
        using RowStore store = Store(4, budget: 1 << 20, chunkBytes: 1 << 10);
        Fill(store, 500);

        Assert.Equal(0, store.SpilledBytes);
    }

    [Fact]
    public void TwoStores_ShareTheBudget_VectorsAtMostHalfOfIt()
    {
        var storage = new RowStorage(1000, _folder.Path, 256);
        var vectors = new RowStore(1, storage, RowStorage.Purpose.Vectors);
        using var coordinates = new RowStore(1, storage, RowStorage.Purpose.Coordinates);
        Fill(vectors, 1000);
        Assert.Equal((1000 - 125) * 4, vectors.SpilledBytes);
        Assert.Equal(500, storage.Room(RowStorage.Purpose.Coordinates));
        vectors.Dispose();
        Assert.Equal(1000, storage.Room(RowStorage.Purpose.Coordinates));

        Fill(coordinates, 1000);

        Assert.Equal((1000 - 250) * 4, coordinates.SpilledBytes);
        Assert.Equal(0, storage.Room(RowStorage.Purpose.Coordinates));
    }

    [Fact]
    public void SpilledFile_OnUnix_HasNoNameEvenWhileItIsRead()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows removes the file as it is closed.");
        using RowStore store = Store(4, budget: 0, chunkBytes: 64);
        Fill(store, 100);

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Dispose_AfterSpill_LeavesNothing_AndTwiceIsFine()
    {
        RowStore store = Store(4, budget: 0, chunkBytes: 64);
        Fill(store, 100);

        store.Dispose();
        store.Dispose();

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void SpillFile_OffsetsBeyondFourGigabytes_KeepApart()
    {
        // A hole in the file: it takes a few blocks of the disk.
        using var file = new SpillFile(_folder.Path, SpillFile.FreeBytes);
        const long Far = (1L << 33) + 12;
        file.Write([1, 2], 12);
        file.Write([3, 4], Far);

        var found = new float[2];
        file.Read(found, 12);
        Assert.Equal([1f, 2f], found);
        file.Read(found, Far);
        Assert.Equal([3f, 4f], found);
        Assert.Throws<EndOfStreamException>(() => file.Read(found, Far + 4));
    }

    [Fact]
    public void FreeBytes_OfAFolder_IsANumber_AndOfNoFolderIsUnknown()
    {
        Assert.True(SpillFile.FreeBytes(_folder.Path) > 0);
        Assert.Null(SpillFile.FreeBytes(Path.Combine(_folder.Path, "nowhere")));
    }

    [Theory]
    [InlineData(28, true)]
    [InlineData(2, false)]
    public void IsOutOfSpace_ErrorNumberOfLinux_IsTold(int number, bool expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Error numbers differ by system.");

        Assert.Equal(expected, TempSpaceException.IsOutOfSpace(new IOException("", number)));
    }

    [Theory]
    [InlineData(1000, 400, 0, 400, false)] // Vectors fit in their half.
    [InlineData(1000, 600, 0, 100, false)]
    [InlineData(1000, 600, 0, 99, true)]
    [InlineData(1000, 600, 600, 200, false)]
    [InlineData(1000, 600, 600, 199, true)]
    [InlineData(1000, 100, 950, 50, false)]
    [InlineData(1000, 100, 950, 49, true)]
    public void Announce_MoreThanMemoryAndDisk_Refused(long budget, long vectors, long coordinates, long free, bool refused)
    {
        var storage = new RowStorage(budget, _folder.Path, 64, _ => free);

        if (refused)
        {
            var e = Assert.Throws<TempSpaceException>(() => storage.Announce(vectors, coordinates));
            Assert.Equal((free + 1, free, _folder.Path), (e.NeededBytes, e.FreeBytes, e.Folder));
            Assert.Contains(
                $"needs {free + 1} more bytes for rows beyond the memory budget, but its disk has {free} free", e.Message,
                StringComparison.Ordinal);
        }
        else
        {
            storage.Announce(vectors, coordinates);
        }
    }

    private RowStore Store(int width, long budget, int chunkBytes, int bytesPerRow = 0)
    {
        // Vectors get half of a budget. A budget in rows of another size is turned into one of this width.
        long bytes = bytesPerRow == 0 ? budget : budget / bytesPerRow * width * sizeof(float);
        return new RowStore(width, new RowStorage(2 * bytes, _folder.Path, chunkBytes), RowStorage.Purpose.Vectors);
    }

    private static float[] Fill(RowStore store, int count)
    {
        float[] values = [.. Enumerable.Range(0, count * store.Width).Select(i => i * 0.5f)];
        store.Append(values);
        store.Complete();
        return values;
    }

    private static int[] Shuffled(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(1).Shuffle(order);
        return order;
    }
}
