using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

/// <summary>Trainings on data beyond the memory budget: the same heads, and nothing left behind.</summary>
[Collection(TorchCollection.Name)]
public sealed class OutOfCoreTests : IDisposable
{
    private readonly MLContext _context = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(10_000)]
    [InlineData(30_000)]
    public void Fit_BeyondTheBudget_SameBytesAsInMemory(long budget)
    {
        IDataView data = Example.View(_context, Synthetic.Classes(300, 5, seed: 1), Synthetic.Width, "Input", "Label");
        MrlFineTuneOptions options = Options(MrlObjective.Classification("Label"));

        Assert.Equal(Bytes(data, options), Bytes(data, options with { MemoryBudget = budget }));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Fit_PairsBeyondTheBudget_SameBytesAsInMemory()
    {
        IDataView data = Example.View(_context, Synthetic.Pairs(200, seed: 1), Synthetic.Width, "Input", "Positive", "Negative");
        MrlFineTuneOptions options = Options(MrlObjective.Pairs("Positive", "Negative"));

        Assert.Equal(Bytes(data, options), Bytes(data, options with { MemoryBudget = 20_000 }));
        Assert.Empty(_folder.Files);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_WideInputBeyondTheBudget_SameBytesAsInMemory(bool sparse)
    {
        const int WideWidth = 1100;
        Example[] rows = Synthetic.WideSparse(60, WideWidth, 3, seed: 1);
        if (!sparse)
        {
            foreach (Example row in rows)
            {
                row.Input = Example.Dense([.. row.Input.DenseValues()]);
            }
        }
        IDataView data = Example.View(_context, rows, WideWidth, "Input", "Label");
        MrlFineTuneOptions options = Options(MrlObjective.Classification("Label"));

        Assert.Equal(Bytes(data, options), Bytes(data, options with { MemoryBudget = 1 }));
    }

    [Fact]
    public void Fit_BadRowAfterTheSpill_LeavesNothing()
    {
        Example[] rows = Synthetic.Classes(300, 5, seed: 1);
        rows[290].Input = Example.Dense([.. Enumerable.Repeat(float.NaN, Synthetic.Width)]);
        IDataView data = Example.View(_context, rows, Synthetic.Width, "Input", "Label");

        Assert.Throws<InvalidOperationException>(
            () => Bytes(data, Options(MrlObjective.Classification("Label")) with { MemoryBudget = 1 }));

        Assert.Empty(_folder.Files);
        AssertNoOpenFile();
    }

    [Fact]
    public void Fit_CancelledWhileReading_LeavesNothing()
    {
        using var cancel = new CancellationTokenSource();
        IEnumerable<Example> rows = Synthetic.Classes(3000, 5, seed: 1).Select((row, i) =>
        {
            if (i == 1500)
            {
                cancel.Cancel();
            }
            return row;
        });
        IDataView data = Example.View(_context, rows, Synthetic.Width, "Input", "Label");

        Assert.Throws<OperationCanceledException>(() =>
            Bytes(data, Options(MrlObjective.Classification("Label")) with { MemoryBudget = 1 }, cancel.Token));

        Assert.Empty(_folder.Files);
        AssertNoOpenFile();
    }

    [Fact]
    public void Fit_Done_LeavesNothingOpen()
    {
        IDataView data = Example.View(_context, Synthetic.Classes(100, 5, seed: 1), Synthetic.Width, "Input", "Label");

        Bytes(data, Options(MrlObjective.Classification("Label")) with { MemoryBudget = 1 });
        _context.Transforms.PcaRotate("Embedding", "Input", 4).Fit(data);

        Assert.Empty(_folder.Files);
        AssertNoOpenFile();
    }

    [Fact]
    public async Task Fit_TwoAtOnceInOneFolder_EachAsAlone()
    {
        IDataView data = Example.View(_context, Synthetic.Classes(300, 5, seed: 1), Synthetic.Width, "Input", "Label");
        IDataView other = Example.View(_context, Synthetic.Classes(300, 4, seed: 2), Synthetic.Width, "Input", "Label");
        MrlFineTuneOptions options = Options(MrlObjective.Classification("Label")) with { MemoryBudget = 1 };
        byte[] first = Bytes(data, options), second = Bytes(other, options);

        byte[][] both = await Task.WhenAll(Task.Run(() => Bytes(data, options)), Task.Run(() => Bytes(other, options)));

        Assert.Equal(first, both[0]);
        Assert.Equal(second, both[1]);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Read_NumberOfRowsKnownAndDiskTooSmall_RefusedBeforeTheSecondRow()
    {
        IDataView data = _context.Data.LoadFromEnumerable(Synthetic.Classes(10, 2, seed: 1).Select(_ => new Two()).ToArray());
        var storage = new RowStorage(16, _folder.Path, 64, _ => 100);

        var e = Assert.Throws<TempSpaceException>(
            () => ExampleReader.Read(data, "Input", new RoleColumns(), storage, CancellationToken.None));

        // Ten rows of two numbers, as vectors and as coordinates, less the budget.
        Assert.Equal((144, 100), (e.NeededBytes, e.FreeBytes));
    }

    [Fact]
    public void RowEquals_RowsOnBothSidesOfTheBudget_ComparesValues()
    {
        var storage = new RowStorage(24, _folder.Path, 64);
        var store = new RowStore(2, storage, RowStorage.Purpose.Coordinates);
        store.Append([1, 2, 3, 4, 0, 6, 1, 2, -0f, 6, 1, 9]);
        store.Complete();
        using var rows = new DenseRows(store);

        Assert.Equal(3 * 8, store.SpilledBytes);
        Assert.True(rows.RowEquals(0, rows, 3));
        Assert.True(rows.RowEquals(4, rows, 2));
        Assert.False(rows.RowEquals(3, rows, 5));
        Assert.Equal(rows.HashOf(0), rows.HashOf(3));
        Assert.Equal(rows.HashOf(2), rows.HashOf(4));
        Assert.NotEqual(rows.HashOf(0), rows.HashOf(5));
    }

    [Fact]
    public void Choose_RowsOnBothSidesOfTheBudget_ReadsThoseAndLeavesTheStore()
    {
        var storage = new RowStorage(24, _folder.Path, 64);
        var store = new RowStore(2, storage, RowStorage.Purpose.Coordinates);
        store.Append([.. Enumerable.Range(0, 20).Select(i => (float)i)]);
        store.Complete();
        using var rows = new DenseRows(store);

        DenseRows some = rows.Choose([0, 2, 3, 4, 7, 9]), fewer = some.Choose([1, 2, 5]);

        Assert.True(store.SpilledBytes > 0);
        Assert.Equal((6, 2), (some.Count, some.Width));
        Assert.Equal([0f, 1, 4, 5, 6, 7, 8, 9, 14, 15, 18, 19], Read(some, 0, 6));
        Assert.Equal([6f, 7, 8, 9, 14, 15], Read(some, 2, 3));
        Assert.Equal([4f, 5, 6, 7, 18, 19], Read(fewer, 0, 3));
        Assert.Equal(rows.HashOf(9), fewer.HashOf(2));
        Assert.True(fewer.RowEquals(2, rows, 9));
        Assert.False(fewer.RowEquals(2, rows, 2));
        fewer.Dispose();
        Assert.Equal([18f, 19], Read(rows, 9, 1));

        static float[] Read(DenseRows rows, int first, int count)
        {
            var values = new float[count * 2];
            rows.Read(first, values);
            var prefix = new float[1];
            rows.CopyPrefix(first, prefix);
            Assert.Equal(values[0], prefix[0]);
            return values;
        }
    }

    private sealed class Two
    {
        [Microsoft.ML.Data.VectorType(2)]
        public float[] Input { get; set; } = [1, 2];
    }

    private MrlFineTuneOptions Options(MrlObjective objective) => new()
    {
        LearningRate = 0.02,
        Head = HeadKind.Linear,
        OutputColumnName = "Embedding",
        InputColumnName = "Input",
        Objective = objective,
        Epochs = 3,
        BatchSize = 32,
        Seed = 1,
        TempFolder = _folder.Path,
    };

    private byte[] Bytes(IDataView data, MrlFineTuneOptions options, CancellationToken cancellation = default)
    {
        using var stream = new MemoryStream();
        new MLContext().Transforms.MrlFineTune(options).Fit(data, null, null, cancellation).Head.Save(stream);
        return stream.ToArray();
    }

    /// <summary>A file without a name would still take room while a handle is open.</summary>
    private void AssertNoOpenFile()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.DoesNotContain(
                Directory.GetFiles("/proc/self/fd").Select(link => new FileInfo(link).LinkTarget),
                target => target?.StartsWith(_folder.Path, StringComparison.Ordinal) == true);
        }
    }
}
