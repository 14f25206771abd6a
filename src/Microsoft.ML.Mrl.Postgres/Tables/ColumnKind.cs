using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>How columns of a type are read, kept and compared.</summary>
/// <param name="SqlType">The column's type, as <c>format_type</c> writes it.</param>
/// <param name="DbType">The same, for Npgsql.</param>
/// <param name="DataTypes">The data's types that fit.</param>
/// <param name="Expected">Those in words.</param>
internal sealed record ColumnKind(string SqlType, NpgsqlDbType DbType, DataViewType[] DataTypes, string Expected)
{
    private const int TicksPerMicrosecond = 10;

    public static ColumnKind Of(TableColumnType type) => type switch
    {
        TableColumnType.Boolean => new("boolean", NpgsqlDbType.Boolean, [BooleanDataViewType.Instance], "Boolean"),
        TableColumnType.Int32 => new("integer", NpgsqlDbType.Integer, [NumberDataViewType.Int32], "Int32"),
        TableColumnType.Int64 => new("bigint", NpgsqlDbType.Bigint, [NumberDataViewType.Int64, NumberDataViewType.Int32], "Int64 or Int32"),
        TableColumnType.Single => new("real", NpgsqlDbType.Real, [NumberDataViewType.Single], "Single"),
        TableColumnType.Double => new("double precision", NpgsqlDbType.Double, [NumberDataViewType.Double, NumberDataViewType.Single], "Double or Single"),
        TableColumnType.DateTime => new("timestamp without time zone", NpgsqlDbType.Timestamp, [DateTimeDataViewType.Instance], "DateTime"),
        _ => new("text", NpgsqlDbType.Text, [TextDataViewType.Instance], "text"),
    };

    /// <summary>Finds the data's column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or it is of another type.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, TableColumn column)
    {
        ColumnKind kind = Of(column.Type);
        string role = column.Type == TableColumnType.Text ? "text" : "value";
        DataViewSchema.Column found = SchemaErrors.Find(schema, column.Name, role, "data");
        return kind.DataTypes.Contains(found.Type) ? found : throw SchemaErrors.Mismatch("data", role, column.Name, kind.Expected, found.Type.ToString()!);
    }

    /// <summary>Reads values of a cursor's current row, as they will stand in the table.</summary>
    public static Func<object> Open(DataViewRow cursor, DataViewSchema.Column column, TableColumnType type) => type switch
    {
        TableColumnType.Boolean => Open<bool>(cursor, column, value => value),
        TableColumnType.Int32 => Open<int>(cursor, column, value => value),
        TableColumnType.Int64 when column.Type == NumberDataViewType.Int32 => Open<int>(cursor, column, value => (long)value),
        TableColumnType.Int64 => Open<long>(cursor, column, value => value),
        TableColumnType.Single => Open<float>(cursor, column, value => value),
        TableColumnType.Double when column.Type == NumberDataViewType.Single => Open<float>(cursor, column, value => (double)value),
        TableColumnType.Double => Open<double>(cursor, column, value => value),
        TableColumnType.DateTime => Open<DateTime>(cursor, column, value => Timestamp(value)),
        _ => Open<ReadOnlyMemory<char>>(cursor, column, value => value.ToString()),
    };

    /// <summary>A value of a hit; NULL, which only tables made elsewhere have, is an empty text, else null.</summary>
    public static object? Read(NpgsqlDataReader reader, int ordinal, TableColumnType type) =>
        reader.IsDBNull(ordinal) ? type == TableColumnType.Text ? "" : null : reader.GetValue(ordinal);

    /// <summary>The time without its kind, to the microsecond.</summary>
    public static DateTime Timestamp(DateTime value) => new(value.Ticks - (value.Ticks % TicksPerMicrosecond), DateTimeKind.Unspecified);

    /// <summary>A value to compare a column with, brought to the type that is compared in: whole numbers as bigint, so that none is out of range.</summary>
    /// <returns>The value, or null if it is of another type.</returns>
    public static object? Comparable(TableColumnType type, object? value) => (type, value) switch
    {
        (TableColumnType.Text, string text) => text,
        (TableColumnType.Boolean, bool truth) => truth,
        (TableColumnType.Int32 or TableColumnType.Int64, sbyte or byte or short or ushort or int or uint or long) => Convert.ToInt64(value, null),
        (TableColumnType.Single, sbyte or byte or short or ushort or int or uint or long or float or double) => Convert.ToSingle(value, null),
        (TableColumnType.Double, sbyte or byte or short or ushort or int or uint or long or float or double) => Convert.ToDouble(value, null),
        (TableColumnType.DateTime, DateTime time) => Timestamp(time),
        _ => null,
    };

    /// <summary>Comparable values as an array that Npgsql knows.</summary>
    public static Array ComparableArray(TableColumnType type, object[] values) => type switch
    {
        TableColumnType.Boolean => values.Cast<bool>().ToArray(),
        TableColumnType.Int32 or TableColumnType.Int64 => values.Cast<long>().ToArray(),
        TableColumnType.Single => values.Cast<float>().ToArray(),
        TableColumnType.Double => values.Cast<double>().ToArray(),
        TableColumnType.DateTime => values.Cast<DateTime>().ToArray(),
        _ => values.Cast<string>().ToArray(),
    };

    private static Func<object> Open<T>(DataViewRow cursor, DataViewSchema.Column column, Func<T, object> convert)
    {
        ValueGetter<T> get = cursor.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            get(ref value);
            return convert(value);
        };
    }
}
