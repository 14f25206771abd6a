using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Search.Mining;

public sealed class MineHardNegativesTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly List<string> _warnings = [];

    public MineHardNegativesTests() => _mlContext.Log += (_, e) =>
    {
        if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
        {
            _warnings.Add(e.Message);
        }
    };

    private static Row[] Rows =>
    [
        new() { Id = "a", Anchor = [1, 0], Positive = [1, 0.1f], Raw = [1], Weight = 10 },
        new() { Id = "b", Anchor = [0, 1], Positive = [0.1f, 1], Raw = [2], Weight = 20 },
        new() { Id = "c", Anchor = [0.9f, 1.1f], Positive = [1, 1.1f], Raw = [3], Weight = 30 },
    ];

    [Fact]
    public void MineHardNegatives_Pairs_GivesARowForEachNegativeWithAllColumns()
    {
        IDataView mined = _mlContext.Mrl()
            .MineHardNegatives(View(Rows), "Anchor", "Positive", new HardNegativeOptions { NegativesPerAnchor = 2 });

        Assert.Equal(["Id", "Anchor", "Positive", "Raw", "Weight", "Negative"], mined.Schema.Select(column => column.Name));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), mined.Schema["Negative"].Type);
        Mined[] rows = Read<Mined>(mined);
        Assert.Equal(6, mined.GetRowCount());
        Assert.Equal(["a", "a", "b", "b", "c", "c"], rows.Select(row => row.Id));
        Assert.Equal([10, 10, 20, 20, 30, 30], rows.Select(row => row.Weight));
        Assert.Equal([[1, 1.1f], [0.1f, 1], [1, 1.1f], [1, 0.1f], [0.1f, 1], [1, 0.1f]], rows.Select(row => row.Negative));
        Assert.Equal([1, 0.1f], rows[1].Positive);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void MineHardNegatives_ReadTwice_GivesTheSameRowsWithDifferentIds()
    {
        IDataView mined = _mlContext.Mrl()
            .MineHardNegatives(View(Rows), "Anchor", "Positive", new HardNegativeOptions { NegativesPerAnchor = 2 });
        Assert.Equal(Read<Mined>(mined).Select(row => row.Negative), Read<Mined>(mined).Select(row => row.Negative));

        using DataViewRowCursor cursor = mined.GetRowCursor([]);
        ValueGetter<DataViewRowId> getter = cursor.GetIdGetter();
        var ids = new HashSet<DataViewRowId>();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            getter(ref id);
            Assert.True(ids.Add(id));
        }
        Assert.Equal(6, ids.Count);
    }

    [Fact]
    public void MineHardNegatives_SourceColumn_GivesItsVectorOfTheDocumentsRow()
    {
        IDataView mined = _mlContext.Mrl().MineHardNegatives(
            View(Rows), "Anchor", "Positive",
            new HardNegativeOptions { NegativeSourceColumnName = "Raw", NegativeColumnName = "RawNegative" });
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 1), mined.Schema["RawNegative"].Type);
        Assert.Equal([[3f], [3f], [2f]], mined.GetColumn<float[]>("RawNegative"));
    }

    [Fact]
    public void MineHardNegatives_PairWithoutANegative_IsLeftOutAndTold()
    {
        // To the first anchor, everything else is nearer than its positive.
        Row[] rows = Rows;
        rows[0].Positive = [-1, 0];
        IDataView mined = _mlContext.Mrl().MineHardNegatives(View(rows), "Anchor", "Positive");
        Assert.Equal(["b", "c"], Read<Mined>(mined).Select(row => row.Id));
        Assert.Contains(_warnings, message => message.Contains("No negative for 1 of 3 pairs", StringComparison.Ordinal));
    }

    [Fact]
    public void MineHardNegatives_OneRow_GivesNoneAndTells()
    {
        IDataView mined = _mlContext.Mrl().MineHardNegatives(View(Rows[..1]), "Anchor", "Positive");
        Assert.Equal(0, mined.GetRowCount());
        Assert.Empty(Read<Mined>(mined));
        Assert.Contains(_warnings, message => message.Contains("No negative for 1 of 1 pairs", StringComparison.Ordinal));
    }

    [Fact]
    public void MineHardNegatives_NoRows_SaysSo()
    {
        IDataView empty = _mlContext.Data.FilterRowsByColumn(View(Rows), "Weight", 100);
        Assert.StartsWith(
            "Nothing to mine: pairs has no rows.",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().MineHardNegatives(empty, "Anchor", "Positive")).Message);
    }

    [Fact]
    public void MineHardNegatives_WrongOptions_AreReportedAtOnce()
    {
        var options = new HardNegativeOptions
        {
            NegativeColumnName = "", NegativesPerAnchor = 0, SearchDepth = 0, RelativeMargin = 5, AbsoluteMargin = double.NaN,
            Dimensions = 0,
        };
        var error = Assert.Throws<ArgumentException>(() => _mlContext.Mrl().MineHardNegatives(View(Rows), "Anchor", "Positive", options));
        Assert.Equal("options", error.ParamName);
        foreach (
            string name in new[] { "NegativeColumnName is empty", "NegativesPerAnchor is 0", "SearchDepth is 0", "RelativeMargin is 5",
            "AbsoluteMargin is NaN", "Dimensions is 0" })
        {
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
        error = Assert.Throws<ArgumentException>(
            () => _mlContext.Mrl().MineHardNegatives(
                View(Rows), "Anchor", "Positive", new HardNegativeOptions { NegativesPerAnchor = 101, SearchDepth = 100 }));
        Assert.Contains("SearchDepth of 100 is below NegativesPerAnchor of 101", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MineHardNegatives_WrongColumns_SayWhich()
    {
        MrlOperations operations = _mlContext.Mrl();
        Assert.StartsWith(
            "Could not find anchor column 'Query'",
            Assert.Throws<ArgumentOutOfRangeException>(() => operations.MineHardNegatives(View(Rows), "Query", "Positive")).Message);
        Assert.StartsWith(
            "Schema mismatch for positive column 'Id': expected known-size vector of Single, got String",
            Assert.Throws<ArgumentOutOfRangeException>(() => operations.MineHardNegatives(View(Rows), "Anchor", "Id")).Message);
        Assert.StartsWith(
            "Schema mismatch for positive column 'Raw': expected Vector<Single, 2>, got Vector<Single, 1>",
            Assert.Throws<ArgumentOutOfRangeException>(() => operations.MineHardNegatives(View(Rows), "Anchor", "Raw")).Message);
        Assert.StartsWith(
            "Could not find negative source column 'Vector'",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => operations.MineHardNegatives(
                    View(Rows), "Anchor", "Positive", new HardNegativeOptions { NegativeSourceColumnName = "Vector" })).Message);
        Assert.StartsWith(
            "Cannot make column 'Raw': it is there already.",
            Assert.Throws<ArgumentException>(
                () => operations.MineHardNegatives(
                    View(Rows), "Anchor", "Positive", new HardNegativeOptions { NegativeColumnName = "Raw" })).Message);
        Assert.StartsWith(
            "Cannot mine at 3: column 'Anchor' has 2 values. Choose 1..2.",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => operations.MineHardNegatives(View(Rows), "Anchor", "Positive", new HardNegativeOptions { Dimensions = 3 })).Message);
    }

    [Fact]
    public void MineHardNegatives_PairsChangedSince_IsRefused()
    {
        List<Row> rows = [.. Rows];
        IDataView mined = _mlContext.Mrl().MineHardNegatives(_mlContext.Data.LoadFromEnumerable(rows), "Anchor", "Positive");
        rows.Add(Rows[0]);
        Assert.StartsWith(
            "The pairs have changed since negatives were mined: 3 rows then, more now.",
            Assert.Throws<InvalidOperationException>(() => Read<Mined>(mined)).Message);
        rows.RemoveRange(1, 3);
        Assert.StartsWith(
            "The pairs have changed since negatives were mined: 3 rows then, 1 now.",
            Assert.Throws<InvalidOperationException>(() => Read<Mined>(mined)).Message);
    }

    [Fact]
    public void MineHardNegatives_TransformedAndSplitFurther_WorksAsAnyView()
    {
        IDataView mined = _mlContext.Mrl()
            .MineHardNegatives(View(Rows), "Anchor", "Positive", new HardNegativeOptions { NegativesPerAnchor = 2 });
        IDataView further = _mlContext.Transforms.TruncateEmbedding("Short", "Negative", 1).Fit(mined).Transform(mined);
        Assert.Equal([1f, 1, 1, 1, 1, 1], further.GetColumn<float[]>("Short").Select(vector => vector[0]));
        Assert.Equal(6, _mlContext.Data.ShuffleRows(further, seed: 1).GetColumn<string>("Id").Count());
        Assert.Equal(2, Read<Mined>(_mlContext.Data.TakeRows(_mlContext.Data.SkipRows(mined, 1), 2)).Length);
    }

    private IDataView View(Row[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private T[] Read<T>(IDataView view)
        where T : class, new()
        => [.. _mlContext.Data.CreateEnumerable<T>(view, reuseRowObject: false)];

    private sealed class Row
    {
        public string Id { get; set; } = "";

        [VectorType(2)]
        public float[] Anchor { get; set; } = [];

        [VectorType(2)]
        public float[] Positive { get; set; } = [];

        [VectorType(1)]
        public float[] Raw { get; set; } = [];

        public float Weight { get; set; }
    }

    private sealed class Mined
    {
        public string Id { get; set; } = "";

        public float[] Positive { get; set; } = [];

        public float Weight { get; set; }

        public float[] Negative { get; set; } = [];
    }
}
