using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>Reads a scalar column of numbers, whatever their type, as Single.</summary>
internal sealed class NumberColumnReader
{
    private Func<float>? _read;

    /// <param name="schema">The schema of the view.</param>
    /// <param name="columnName">The column.</param>
    /// <param name="role">The role of the column, for errors: <c>score</c>.</param>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is not a number.</exception>
    public NumberColumnReader(DataViewSchema schema, string columnName, string role, string parameterName)
    {
        Column = SchemaErrors.Find(schema, columnName, role, parameterName);
        if (Column.Type is not NumberDataViewType)
        {
            throw SchemaErrors.Mismatch(parameterName, role, columnName, "scalar of a number type", Column.Type.ToString()!);
        }
    }

    /// <summary>Gets the column.</summary>
    public DataViewSchema.Column Column { get; }

    /// <summary>Attaches to a cursor in which the column is active.</summary>
    public void Open(DataViewRowCursor cursor)
    {
        Type type = Column.Type.RawType;
        _read = type == typeof(float) ? Reader<float>(cursor, value => value)
            : type == typeof(double) ? Reader<double>(cursor, value => (float)value)
            : type == typeof(sbyte) ? Reader<sbyte>(cursor, value => value)
            : type == typeof(short) ? Reader<short>(cursor, value => value)
            : type == typeof(int) ? Reader<int>(cursor, value => value)
            : type == typeof(long) ? Reader<long>(cursor, value => value)
            : type == typeof(byte) ? Reader<byte>(cursor, value => value)
            : type == typeof(ushort) ? Reader<ushort>(cursor, value => value)
            : type == typeof(uint) ? Reader<uint>(cursor, value => value)
            : Reader<ulong>(cursor, value => value);
    }

    /// <summary>Returns the value of the cursor's current row; NaN for a missing one.</summary>
    public float Read() => _read!();

    private Func<float> Reader<T>(DataViewRowCursor cursor, Func<T, float> convert)
    {
        ValueGetter<T> getter = cursor.GetGetter<T>(Column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return convert(value);
        };
    }
}
