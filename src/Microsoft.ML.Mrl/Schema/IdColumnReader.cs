using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>Reads a scalar column of integers or keys as ids.</summary>
internal sealed class IdColumnReader
{
    private Func<long?>? _read;

    /// <param name="schema">The schema of the view.</param>
    /// <param name="columnName">The column.</param>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it has another type.</exception>
    public IdColumnReader(DataViewSchema schema, string columnName, string parameterName)
    {
        Column = SchemaErrors.Find(schema, columnName, "id", parameterName);
        if (Column.Type is not KeyDataViewType
            && !(Column.Type is NumberDataViewType && Column.Type.RawType != typeof(float) && Column.Type.RawType != typeof(double)))
        {
            throw SchemaErrors.Mismatch(parameterName, "id", columnName, "scalar of integer or key", Column.Type.ToString()!);
        }
    }

    /// <summary>Gets the column.</summary>
    public DataViewSchema.Column Column { get; }

    /// <summary>Attaches to a cursor in which the column is active.</summary>
    public void Open(DataViewRowCursor cursor)
    {
        Type type = Column.Type.RawType;
        bool isKey = Column.Type is KeyDataViewType;
        _read = type == typeof(sbyte) ? Reader<sbyte>(cursor, value => value)
            : type == typeof(short) ? Reader<short>(cursor, value => value)
            : type == typeof(int) ? Reader<int>(cursor, value => value)
            : type == typeof(long) ? Reader<long>(cursor, value => value)
            : type == typeof(byte) ? Reader<byte>(cursor, value => isKey && value == 0 ? null : value)
            : type == typeof(ushort) ? Reader<ushort>(cursor, value => isKey && value == 0 ? null : value)
            : type == typeof(uint) ? Reader<uint>(cursor, value => isKey && value == 0 ? null : value)
            : Reader<ulong>(cursor, value => (isKey && value == 0) || value > long.MaxValue ? null : (long)value);
    }

    /// <summary>Returns the id of the cursor's current row.</summary>
    /// <param name="row">The row's number, for errors.</param>
    /// <exception cref="InvalidOperationException">The row has no id, or one above 2⁶³ − 1.</exception>
    public long Read(long row)
        => _read!() ?? throw new InvalidOperationException($"The id column '{Column.Name}' has a missing key, or a number above " +
            $"{long.MaxValue}, in row {row} (counted from 0). Repair or filter out such rows.");

    private Func<long?> Reader<T>(DataViewRowCursor cursor, Func<T, long?> convert)
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
