using System.Collections.Concurrent;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class TruncateEmbeddingCursorTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Cursor_WithoutTheShortColumn_ReadsNothing()
    {
        var counted = new CountedRows(10);
        IDataView source = _ml.Data.LoadFromEnumerable(counted.Rows);
        IDataView view = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 2).Fit(source).Transform(source);
        Assert.Equal(0, counted.Reads);

        Assert.Equal(10, view.GetColumn<int>("Id").Count());
        Assert.Equal(0, counted.Reads);

        Assert.Equal(10, SampleVectors.Read(view, "Short").Length);
        Assert.Equal(10, counted.Reads);
    }

    [Fact]
    public void Cursor_RowsThatAreSkipped_AreNotComputed()
    {
        var counted = new CountedRows(10);
        IDataView source = _ml.Data.LoadFromEnumerable(counted.Rows);
        IDataView view = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 2).Fit(source).Transform(source);

        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Short"]]);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(view.Schema["Short"]);
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            if (cursor.Position == 3)
            {
                read(ref value);
            }
        }

        Assert.Equal(1, counted.Reads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cursor_AfterTheFirstRows_AllocatesNothingPerRow(bool dense)
    {
        const int Rows = 10_000;
        const int Stretches = 5;
        VBuffer<float> row = dense ? SampleVectors.Dense(SampleVectors.Random(1, 96)[0])
            : SampleVectors.Sparse(96, (1, 2f), (5, 3f), (70, 1f));
        IDataView source = SampleVectors.View(_ml, 96, Enumerable.Repeat(row, Rows + 100));
        IDataView view = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 32).Fit(source).Transform(source);

        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Short"]]);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(view.Schema["Short"]);
        VBuffer<float> value = default;
        for (int i = 0; i < 100; i++)
        {
            cursor.MoveNext();
            read(ref value);
        }
        // What is allocated for every row is allocated in every stretch; what the runtime does once, such as compiling anew, in one of
        // them.
        long least = long.MaxValue;
        for (int stretch = 0; stretch < Stretches; stretch++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rows / Stretches && cursor.MoveNext(); i++)
            {
                read(ref value);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.False(cursor.MoveNext());
        Assert.InRange(least, 0, Rows / Stretches / 10);
    }

    [Fact]
    public async Task Cursors_ManyAtOnce_GiveTheSameValues()
    {
        IDataView source = SampleVectors.View(_ml, SampleVectors.Random(500, 40));
        IDataView view = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 17).Fit(source).Transform(source);
        float[][] alone = SampleVectors.Read(view, "Short");

        float[][][] together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SampleVectors.Read(view, "Short"))));

        Assert.All(together, got => Assert.Equal(alone, got));
    }

    [Fact]
    public void CursorSet_OfASourceThatSplits_GivesEveryRowOnce()
    {
        IDataView source = Split(SampleVectors.View(_ml, SampleVectors.Random(300, 8)));
        IDataView view = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 3).Fit(source).Transform(source);
        float[][] alone = SampleVectors.Read(view, "Short");
        var together = new ConcurrentBag<float[]>();

        DataViewRowCursor[] cursors = view.GetRowCursorSet([view.Schema["Short"]], 2);
        Parallel.ForEach(cursors, new ParallelOptions { MaxDegreeOfParallelism = cursors.Length }, cursor =>
        {
            ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(view.Schema["Short"]);
            VBuffer<float> value = default;
            while (cursor.MoveNext())
            {
                read(ref value);
                together.Add([.. value.DenseValues()]);
            }
            cursor.Dispose();
        });

        Assert.Equal(2, cursors.Length);
        Assert.Equal(300, alone.Length);
        Assert.Equal(alone.OrderBy(v => v[0]).ThenBy(v => v[1]), together.OrderBy(v => v[0]).ThenBy(v => v[1]));
    }

    [Fact]
    public void Cursor_OfASourceThatSplits_KeepsTheOrderOfRows()
    {
        float[][] rows = SampleVectors.Random(1000, 8);
        IDataView source = Split(SampleVectors.View(_ml, rows));
        IDataView view = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 3, EmbeddingNormalization.None).Fit(source)
            .Transform(source);

        Assert.Equal(rows.Select(r => r[..3]), SampleVectors.Read(view, "Short"));
    }

    [Fact]
    public void Cursor_ColumnThatWasNotAskedFor_Refuses()
    {
        IDataView source = SampleVectors.View(_ml, 3, [SampleVectors.Dense(3, 4, 5)]);
        IDataView view = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 2).Fit(source).Transform(source);

        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Embedding"]]);

        Assert.True(cursor.IsColumnActive(view.Schema["Embedding"]));
        Assert.False(cursor.IsColumnActive(view.Schema["Short"]));
        var e = Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Short"]));
        Assert.Contains("'Short'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PredictionEngine_GivesTheUnitLengthPrefix()
    {
        IDataView source = _ml.Data.LoadFromEnumerable(new CountedRows(1).Rows);
        TruncateEmbeddingTransformer transformer = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 2).Fit(source);
        using PredictionEngine<CountedRow, ShortRow> engine = _ml.Model.CreatePredictionEngine<CountedRow, ShortRow>(transformer);

        ShortRow first = engine.Predict(new CountedRow { Embedding = [3, 4, 9] });
        ShortRow second = engine.Predict(new CountedRow { Embedding = [0, -2, 9] });

        Assert.Equal([0.6f, 0.8f], first.Short);
        Assert.Equal([0f, -1f], second.Short);
    }

    [Fact]
    public void SeveralColumns_AreCutEachFromItsOwnInput()
    {
        IDataView source = SampleVectors.View(_ml, 3, [SampleVectors.Dense(3, 4, 5)]);
        source = _ml.Transforms.CopyColumns("Other", "Embedding").Fit(source).Transform(source);
        source = _ml.Transforms.TruncateEmbedding("Other", "Other", 1, EmbeddingNormalization.None).Fit(source).Transform(source);
        InputOutputColumnPair[] columns = [new("ShortOther", "Other"), new("Embedding")];

        IDataView view = _ml.Transforms.TruncateEmbedding(columns, 1, EmbeddingNormalization.None).Fit(source).Transform(source);

        Assert.Equal([3f], SampleVectors.Read(view, "ShortOther")[0]);
        Assert.Equal([3f], SampleVectors.Read(view, "Embedding")[0]);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 1), view.Schema["Embedding"].Type);
    }

    /// <summary>The same column by way of an ML.NET transform, whose views hand out several cursors.</summary>
    private IDataView Split(IDataView source)
    {
        var identity = new LinearHead([.. Enumerable.Range(0, 64).Select(i => i % 9 == 0 ? 1f : 0f)], new float[8], [8]);
        return _ml.Transforms.ApplyEmbeddingHead("Embedding", null, identity).Fit(source).Transform(source);
    }

    /// <summary>Rows that count how often their vector is asked for.</summary>
    private sealed class CountedRows
    {
        public CountedRows(int count) => Rows = [.. Enumerable.Range(0, count).Select(i => new CountedRow { Id = i, Owner = this })];

        public CountedRow[] Rows { get; }

        public int Reads { get; set; }
    }

    private sealed class CountedRow
    {
        private float[] _embedding = [1, 2, 3];

        [NoColumn]
        public CountedRows? Owner { get; set; }

        public int Id { get; set; }

        [VectorType(3)]
        public float[] Embedding
        {
            get
            {
                if (Owner is not null)
                {
                    Owner.Reads++;
                }
                return _embedding;
            }
            set => _embedding = value;
        }
    }

    private sealed class ShortRow
    {
        public float[] Short { get; set; } = [];
    }
}
