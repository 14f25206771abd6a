using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Transforms.Views;

namespace Microsoft.ML.Mrl.Tests.Transforms.Views;

public class RowBufferTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Read_NumberAndText_SayHowManyBytesTheyTake()
    {
        IDataView view = _ml.Data.LoadFromEnumerable([new Row { Number = 7, Text = "cats" }]);

        Assert.Equal([sizeof(int)], BytesOf(view, "Number"));
        Assert.Equal([Unsafe.SizeOf<ReadOnlyMemory<char>>() + (4L * sizeof(char))], BytesOf(view, "Text"));
    }

    [Fact]
    public void Read_DenseAndSparseVectors_SayHowManyBytesTheyTake()
    {
        IDataView view = SampleVectors.View(_ml, 5, [SampleVectors.Dense(1, 2, 3, 4, 5), SampleVectors.Sparse(5, (1, 2f), (4, 3f))]);

        // A sparse one has an index beside each value.
        Assert.Equal([5 * 4, 2 * (4 + 4)], BytesOf(view, "Embedding"));
    }

    private static long[] BytesOf(IDataView view, string column)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        RowBuffer buffer = RowBuffer.Of(cursor, view.Schema[column], 4);
        var bytes = new List<long>();
        while (cursor.MoveNext())
        {
            bytes.Add(buffer.Read(bytes.Count));
        }
        return [.. bytes];
    }

    private sealed class Row
    {
        public int Number { get; set; }

        public string Text { get; set; } = "";
    }
}
