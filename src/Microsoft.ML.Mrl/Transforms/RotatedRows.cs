using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors.Decomposition;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>Represents the rows of an embedding column that a rotation is fitted to; checked as they are read, and never held.</summary>
internal sealed class RotatedRows
{
    /// <summary>Squares of larger values, summed over a vector, may not fit single precision.</summary>
    private const float LargestValue = 1e15f;

    private readonly IDataView _data;
    private readonly DataViewSchema.Column _column;

    /// <param name="data">The data.</param>
    /// <param name="columnName">The embedding column.</param>
    /// <param name="dimensions">The number of dimensions to rotate to.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, of the wrong type, or narrower than the dimensions asked
    /// for.</exception>
    public RotatedRows(IDataView data, string columnName, int dimensions)
    {
        _data = data;
        (_column, Width) = EmbeddingSchema.FindEmbedding(data.Schema, columnName);
        if (dimensions > Width)
        {
            throw new ArgumentOutOfRangeException("input", dimensions,
                $"Cannot rotate to {dimensions}: column '{columnName}' has {Width} values. Choose 1..{Width}.");
        }
    }

    public delegate void RowReader(in VBuffer<float> row);

    /// <summary>Gets the width D of a row.</summary>
    public int Width { get; }

    /// <summary>Reads all rows.</summary>
    /// <exception cref="InvalidOperationException">A value is not finite, or is above 1e15 in size.</exception>
    public void Read(RowReader reader) => Read([], _ => (in VBuffer<float> row) => reader(in row));

    /// <summary>Reads all rows, and other columns beside them.</summary>
    /// <param name="beside">The other columns.</param>
    /// <param name="open">Makes the reader of a row at a cursor in which all of the columns are active.</param>
    /// <exception cref="InvalidOperationException">A value is not finite, or is above 1e15 in size.</exception>
    public void Read(DataViewSchema.Column[] beside, Func<DataViewRowCursor, RowReader> open)
    {
        using DataViewRowCursor cursor = _data.GetRowCursor([_column, .. beside]);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(_column);
        RowReader reader = open(cursor);
        VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            read(ref row);
            Check(in row, cursor.Position);
            reader(in row);
        }
    }

    /// <summary>Passes all rows to a sink.</summary>
    public void Pass(RowSink sink) => Read((in VBuffer<float> row) =>
    {
        if (row.IsDense)
        {
            sink.Add(row.GetValues());
        }
        else
        {
            sink.Add(row.GetIndices(), row.GetValues());
        }
    });

    /// <summary>Refuses an output that is too wide for so wide an input.</summary>
    /// <exception cref="InvalidOperationException">The directions do not fit one array.</exception>
    public void CheckRoom(int dimensions)
    {
        if ((long)Width * (dimensions + 16) > Array.MaxLength / 2)
        {
            throw new InvalidOperationException($"A rotation of {Width} values to {dimensions} needs more numbers than fit one array. " +
                "Choose fewer dimensions.");
        }
    }

    private void Check(in VBuffer<float> row, long position)
    {
        ReadOnlySpan<float> values = row.GetValues();
        for (int i = 0; i < values.Length; i++)
        {
            if (!(MathF.Abs(values[i]) <= LargestValue))
            {
                int slot = row.IsDense ? i : row.GetIndices()[i];
                throw new InvalidOperationException(
                    $"Column '{_column.Name}' has the value {values[i]} at row {position} (counted from 0), slot {slot}. A rotation " +
                        $"needs finite numbers of at most {LargestValue} in size: remove or repair that row.");
            }
        }
    }
}
