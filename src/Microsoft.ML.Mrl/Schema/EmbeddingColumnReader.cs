using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>Reads a known-size vector column of Single, dense or sparse, into rows of one array.</summary>
/// <remarks>
/// One use: construct, <see cref="Open"/> on a cursor, <see cref="Append"/> for each row wanted, then <see cref="ToMatrix"/>.
/// </remarks>
internal sealed class EmbeddingColumnReader
{
    private const int DefaultCapacity = 1024;

    private readonly string _role;
    private ValueGetter<VBuffer<float>>? _getter;
    private DataViewRow? _row;
    private VBuffer<float> _buffer;
    private float[] _values = [];
    private int _count;

    /// <param name="schema">The schema of the view.</param>
    /// <param name="columnName">The column.</param>
    /// <param name="role">The role of the column, for errors: <c>embedding</c>.</param>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is not a known-size vector of Single.</exception>
    public EmbeddingColumnReader(DataViewSchema schema, string columnName, string role, string parameterName)
    {
        Column = SchemaErrors.Find(schema, columnName, role, parameterName);
        Width = SchemaErrors.EmbeddingWidth(Column, role, parameterName);
        _role = role;
    }

    /// <summary>Gets the column.</summary>
    public DataViewSchema.Column Column { get; }

    /// <summary>Gets the width D of a vector.</summary>
    public int Width { get; }

    /// <summary>Reads the whole column of a view, and no other.</summary>
    public static EmbeddingMatrix ReadAll(IDataView data, string columnName, string role, string parameterName)
    {
        var reader = new EmbeddingColumnReader(data.Schema, columnName, role, parameterName);
        using DataViewRowCursor cursor = data.GetRowCursor([reader.Column]);
        reader.Open(cursor, data.GetRowCount());
        while (cursor.MoveNext())
        {
            reader.Append();
        }
        return reader.ToMatrix();
    }

    /// <summary>Attaches to a cursor in which the column is active.</summary>
    /// <param name="cursor">The cursor.</param>
    /// <param name="expectedRows">The number of rows to make room for, if known.</param>
    public void Open(DataViewRowCursor cursor, long? expectedRows)
    {
        _row = cursor;
        _getter = cursor.GetGetter<VBuffer<float>>(Column);
        long capacity = Math.Max(1, expectedRows ?? DefaultCapacity) * Width;
        _values = new float[Math.Min(capacity, Array.MaxLength)];
    }

    /// <summary>Adds the cursor's current row.</summary>
    /// <exception cref="InvalidOperationException">The vector has a NaN or an infinity, or the rows outgrow one array.</exception>
    public void Append()
    {
        _getter!(ref _buffer);
        int start = _count * Width;
        if (start > _values.Length - Width)
        {
            Grow();
        }
        Span<float> target = _values.AsSpan(start, Width);
        _buffer.CopyTo(target);
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(target)))
        {
            throw NotFinite(target);
        }
        _count++;
    }

    /// <summary>Forgets the rows read, to go on with the cursor; a matrix made of them is overwritten.</summary>
    public void Clear() => _count = 0;

    /// <summary>Returns the rows read, <c>[N, D]</c>.</summary>
    public EmbeddingMatrix ToMatrix() => new(_values, _count, Width);

    private void Grow()
    {
        int most = Array.MaxLength / Width;
        if (_count >= most)
        {
            throw new InvalidOperationException(
                $"The {_role} column '{Column.Name}' has more than {most} rows of {Width} values, too many to hold at once. Take a " +
                    "sample.");
        }
        Array.Resize(ref _values, (int)Math.Min(Math.Max(2L * _count, DefaultCapacity), most) * Width);
    }

    private InvalidOperationException NotFinite(ReadOnlySpan<float> vector)
    {
        int slot = 0;
        while (float.IsFinite(vector[slot]))
        {
            slot++;
        }
        return new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"The {_role} column '{Column.Name}' has {vector[slot]} in row {_row!.Position}, slot {slot} (both counted from 0). Repair " +
                $"or filter out such rows."));
    }
}
