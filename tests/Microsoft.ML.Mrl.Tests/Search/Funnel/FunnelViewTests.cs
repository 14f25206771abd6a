using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelViewTests
{
    private readonly MLContext _context = new(1);

    [Fact]
    public void RowsWithoutIds_AreNumbered()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(1, 2500, 20);
        using FunnelIndex index = _context.Mrl().BuildFunnelIndex(View(rows), "V");
        using FunnelIndex other = FunnelIndex.Build(rows.Values.Span, 20);

        Assert.Equal(other.SearchMany(rows.Slice(0, 20).Values.Span, 5), index.SearchMany(rows.Slice(0, 20).Values.Span, 5));
        Assert.Equal(2500, index.Count);
    }

    [Theory]
    [InlineData("Int", 10)]
    [InlineData("Unsigned", 10)]
    [InlineData("Long", 10)]
    public void Ids_AreReadFromIntegers(string column, long factor)
    {
        EmbeddingMatrix rows = SampleMatrices.Random(1, 30, 20);
        using FunnelIndex index = _context.Mrl().BuildFunnelIndex(View(rows), "V", column);

        Assert.Equal(factor * 7, index.Search(rows.Row(7), 1)[0].Id);
    }

    [Fact]
    public void Keys_CountFromOne()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(1, 30, 20);
        IDataView view = View(rows);
        view = _context.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(view).Transform(view);
        using FunnelIndex index = _context.Mrl().BuildFunnelIndex(view, "V", "Key");

        Assert.Equal(8, index.Search(rows.Row(7), 1)[0].Id);
    }

    [Fact]
    public void TrainedDimensions_AreThePrefixes()
    {
        IDataView view = View(SampleMatrices.Random(1, 30, 20));
        var head = new LinearHead(new float[400], new float[20], [2, 16, 18], null);
        IDataView transformed = _context.Transforms.ApplyEmbeddingHead("E", "V", head).Fit(view).Transform(view);

        using FunnelIndex index = _context.Mrl().BuildFunnelIndex(transformed, "E");
        using FunnelIndex asked = _context.Mrl().BuildFunnelIndex(transformed, "E", options: new FunnelIndexOptions { Prefixes = [5] });

        Assert.Equal(new MatryoshkaDimensions(16, 18, 20), index.Prefixes);
        Assert.Equal(new MatryoshkaDimensions(5, 20), asked.Prefixes);
    }

    [Fact]
    public void WhatDoesNotFit_IsRefused()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(1, 30, 20);
        MrlOperations mrl = _context.Mrl();
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.BuildFunnelIndex(View(rows), "Nothing"));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.BuildFunnelIndex(View(rows), "Text"));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.BuildFunnelIndex(View(rows), "V", "Text"));
        Assert.Throws<ArgumentException>(() => mrl.BuildFunnelIndex(View(rows), "V", "Same"));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => mrl.BuildFunnelIndex(View(rows), "V", options: new FunnelIndexOptions { Prefixes = [21] }));
        float[] bad = rows.Values.ToArray();
        bad[25] = float.NaN;
        Assert.Contains(
            "row 1, slot 5", Assert.Throws<InvalidOperationException>(
                () => mrl.BuildFunnelIndex(View(new EmbeddingMatrix(bad, 30, 20)), "V")).Message, StringComparison.Ordinal);
        using FunnelIndex empty = mrl.BuildFunnelIndex(_context.Data.FilterRowsByColumn(View(rows), "Float", 100), "V");
        Assert.Equal(0, empty.Count);
    }

    private IDataView View(EmbeddingMatrix rows) => _context.Data.LoadFromEnumerable(Enumerable.Range(0, rows.Count).Select(i => new Row
    {
        V = rows.Row(i).ToArray(),
        Int = 10 * i,
        Unsigned = 10 * (ulong)i,
        Long = 10 * i,
        Text = $"name {i}",
        Float = i,
    }));

    private sealed class Row
    {
        [VectorType(20)]
        public float[] V { get; set; } = [];

        public int Int { get; set; }

        public ulong Unsigned { get; set; }

        public long Long { get; set; }

        public string Text { get; set; } = "";

        public int Same { get; set; }

        public float Float { get; set; }
    }
}
