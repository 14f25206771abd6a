using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Tests.Transforms.Views;

namespace Microsoft.ML.Mrl.Tests.Text;

public class LookAheadViewTests
{
    private readonly MLContext _ml = new(1);
    private readonly RecordingEncoder _encoder = new();

    [Fact]
    public void Cursor_EncodesWindowsThatGrow()
    {
        IDataView view = Encoded(Rows(2000));

        Assert.Equal(Rows(2000).Select(r => (float)r.Text.Length), SampleVectors.Read(view, "Embedding").Select(v => v[0]));

        Assert.Equal([16, 64, 256, 1024, 640], _encoder.Calls);
    }

    [Fact]
    public void Cursor_FirstRowOfMany_EncodesFew()
    {
        IDataView view = Encoded(Rows(2000));

        Assert.Single(view.Preview(maxRows: 1).RowView);

        Assert.Equal([16], _encoder.Calls);
    }

    [Fact]
    public void Cursor_KeepsEveryOtherColumnWithItsRow()
    {
        Row[] rows = Rows(700);
        IDataView source = _ml.Transforms.Conversion.MapValueToKey("Key", "Text")
            .Append(_ml.Transforms.Text.TokenizeIntoWords("Words", "Text")).Fit(View(rows)).Transform(View(rows));
        IDataView view = _ml.Transforms.EncodeText("Embedding", "Text", _encoder).Fit(source).Transform(source);

        Assert.Equal(source.Schema.Select(c => c.Name).Append("Embedding"), view.Schema.Select(c => c.Name));
        Assert.Equal(Everything(source, source.Schema), Everything(view, view.Schema.Where(c => c.Name != "Embedding")));
        Assert.Equal(rows.Select(r => (float)r.Text.Length), SampleVectors.Read(view, "Embedding").Select(v => v[0]));
    }

    [Fact]
    public void Cursor_WithoutTheEmbedding_ReadsNoRowAhead()
    {
        int read = 0;
        IDataView view = Encoded(Rows(100).Select(r =>
        {
            read++;
            return r;
        }));

        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Number"]]);
        Assert.True(cursor.MoveNext());

        Assert.Equal(1, read);
        Assert.Empty(_encoder.Calls);
    }

    [Fact]
    public void Cursor_EmbeddingThatIsNeverRead_IsNotComputed()
    {
        IDataView view = Encoded(Rows(100));

        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        while (cursor.MoveNext())
        {
        }

        Assert.Empty(_encoder.Calls);
    }

    [Fact]
    public void Cursor_LongTexts_AreNotGatheredWithoutBound()
    {
        string megabyte = new('a', 1 << 19);
        IDataView view = Encoded(Enumerable.Repeat(new Row { Text = megabyte }, 100));

        Assert.All(SampleVectors.Read(view, "Embedding"), v => Assert.Equal(1 << 19, v[0]));

        Assert.Equal(100, _encoder.Calls.Sum());
        Assert.All(_encoder.Calls, n => Assert.InRange(n, 1, 16));
    }

    [Fact]
    public void Cursor_LongVectorsBesideTheText_AreNotGatheredWithoutBound()
    {
        const int Width = 1 << 20;
        IDataView view = Encoded(Enumerable.Range(0, 20).Select(i => new Row { Text = "a", Values = Values(i) }));

        int row = 0;
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<VBuffer<float>> values = cursor.GetGetter<VBuffer<float>>(view.Schema["Values"]);
        ValueGetter<VBuffer<float>> embedding = cursor.GetGetter<VBuffer<float>>(view.Schema["Embedding"]);
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            values(ref value);
            Assert.Equal(row, value.GetItemOrDefault(Width - 1));
            embedding(ref value);
            row++;
        }

        Assert.Equal(20, row);
        Assert.Equal([4, 4, 4, 4, 4], _encoder.Calls);

        static float[] Values(int i)
        {
            var values = new float[Width];
            values[^1] = i;
            return values;
        }
    }

    [Fact]
    public void Cursor_ValueThatItsReaderChanges_IsReadAgainAsItWas()
    {
        IDataView view = Encoded(Rows(5));
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        foreach (string name in (string[])["Values", "Embedding"])
        {
            ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(view.Schema[name]);
            cursor.MoveNext();
            VBuffer<float> value = default;
            read(ref value);
            float[] first = value.DenseValues().ToArray();
            VBufferEditor<float> editor = VBufferEditor.CreateFromBuffer(ref value);
            editor.Values.Fill(-7);
            VBuffer<float> again = default;
            read(ref again);

            Assert.Equal(first, again.DenseValues());
        }
    }

    [Fact]
    public void Cursor_ErrorOfTheSource_ComesAfterTheRowsBeforeIt()
    {
        IDataView view = Encoded(Rows(30).Select((r, i) => i == 20 ? throw new IOException("row 20") : r));
        int rows = 0;

        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(view.Schema["Embedding"]);
        VBuffer<float> value = default;
        Exception error = Assert.ThrowsAny<Exception>(() =>
        {
            while (cursor.MoveNext())
            {
                read(ref value);
                rows++;
            }
        });

        Assert.Contains("row 20", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(20, rows);
    }

    [Fact]
    public void Transform_Cancelled_EndsTheCursor()
    {
        using var cancelled = new CancellationTokenSource();
        IDataView source = View(Rows(100));
        IDataView view = _ml.Transforms.EncodeText("Embedding", "Text", _encoder).Fit(source).Transform(source, cancelled.Token);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(view.Schema["Embedding"]);
        VBuffer<float> value = default;
        Assert.True(cursor.MoveNext());
        read(ref value);

        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext())
            {
                read(ref value);
            }
        });
        Assert.Equal(15, cursor.Position);
    }

    [Fact]
    public void Cursor_NotAtARow_SaysSo()
    {
        IDataView view = Encoded(Rows(3));
        DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        VBuffer<float> value = default;
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(view.Schema["Embedding"]);
        float number = 0;
        ValueGetter<float> readNumber = cursor.GetGetter<float>(view.Schema["Number"]);

        Assert.Contains("MoveNext", Assert.Throws<InvalidOperationException>(() => read(ref value)).Message, StringComparison.Ordinal);
        while (cursor.MoveNext())
        {
        }
        Assert.Throws<InvalidOperationException>(() => read(ref value));
        Assert.Throws<InvalidOperationException>(() => readNumber(ref number));
        Assert.Contains(
            "Single", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Number"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Cursor_NoRows_GivesNone() => Assert.Empty(SampleVectors.Read(Encoded([]), "Embedding"));

    [Fact]
    public void Cursor_OutputInThePlaceOfItsText_Encodes()
    {
        IDataView source = View(Rows(40));

        IDataView view = _ml.Transforms.EncodeText("Text", null, _encoder).Fit(source).Transform(source);

        Assert.Equal(Rows(40).Select(r => (float)r.Text.Length), SampleVectors.Read(view, "Text").Select(v => v[0]));
    }

    [Fact]
    public void Cursor_Shuffled_GivesEachRowItsEmbedding()
    {
        IDataView source = _ml.Data.Cache(View(Rows(300)));
        IDataView view = _ml.Transforms.EncodeText("Embedding", "Text", _encoder).Fit(source).Transform(source);
        var seen = new List<int>();

        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema, new Random(3));
        ValueGetter<VBuffer<float>> embedding = cursor.GetGetter<VBuffer<float>>(view.Schema["Embedding"]);
        ValueGetter<ReadOnlyMemory<char>> text = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Text"]);
        ValueGetter<float> number = cursor.GetGetter<float>(view.Schema["Number"]);
        VBuffer<float> value = default;
        ReadOnlyMemory<char> words = default;
        float id = 0;
        while (cursor.MoveNext())
        {
            text(ref words);
            number(ref id);
            embedding(ref value);
            Assert.Equal(words.Length, value.GetItemOrDefault(0));
            seen.Add((int)id);
        }

        Assert.Equal(Enumerable.Range(0, 300), seen.Order());
        Assert.NotEqual(Enumerable.Range(0, 300), seen);
    }

    [Fact]
    public void CursorSet_CoversEveryRowOnce()
    {
        IDataView view = Encoded(Rows(2000));
        var seen = new List<float>();

        foreach (DataViewRowCursor cursor in view.GetRowCursorSet(view.Schema, 3))
        {
            using (cursor)
            {
                ValueGetter<VBuffer<float>> embedding = cursor.GetGetter<VBuffer<float>>(view.Schema["Embedding"]);
                ValueGetter<float> number = cursor.GetGetter<float>(view.Schema["Number"]);
                VBuffer<float> value = default;
                float id = 0;
                while (cursor.MoveNext())
                {
                    number(ref id);
                    embedding(ref value);
                    Assert.Equal(Rows(2000)[(int)id].Text.Length, value.GetItemOrDefault(0));
                    seen.Add(id);
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (float)i), seen.Order());
    }

    private static Row[] Rows(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Row { Text = new string('a', i * 7 % 40) + " b", Number = i, Values = [i, -i, 0] })];

    private static List<string> Everything(IDataView view, IEnumerable<DataViewSchema.Column> columns)
    {
        var lines = new List<string>();
        DataViewSchema.Column[] all = [.. columns];
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<DataViewRowId> readId = cursor.GetIdGetter();
        Func<string>[] readers = [
            .. all.Select(
                column => (Func<string>)typeof(LookAheadViewTests)
                .GetMethod(nameof(Reader), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(column.Type.RawType).Invoke(null, [cursor, column])!)];
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            readId(ref id);
            lines.Add($"{cursor.Position} {cursor.Batch} {id} {string.Join("|", readers.Select(r => r()))}");
        }
        return lines;
    }

    private static Func<string> Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> read = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            read(ref value);
            return value switch
            {
                VBuffer<float> floats => string.Join(",", floats.DenseValues()),
                VBuffer<ReadOnlyMemory<char>> words => string.Join(",", words.DenseValues()),
                _ => value!.ToString()!,
            };
        };
    }

    private IDataView View(IEnumerable<Row> rows) => _ml.Data.LoadFromEnumerable(rows, Schema());

    private static SchemaDefinition Schema()
    {
        SchemaDefinition schema = Microsoft.ML.Data.SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Values)].ColumnType = new VectorDataViewType(NumberDataViewType.Single);
        return schema;
    }

    private IDataView Encoded(IEnumerable<Row> rows)
    {
        IDataView source = View(rows);
        return _ml.Transforms.EncodeText("Embedding", "Text", _encoder).Fit(source).Transform(source);
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }

        public bool Flag { get; set; } = true;

        public DateTime Time { get; set; } = new(2020, 1, 2);

        public float[] Values { get; set; } = [];
    }
}
