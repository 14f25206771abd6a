using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Describes how columns of a type are read, stored and compared.</summary>
/// <param name="SqlType">The type of the column, as <c>format_type</c> writes it.</param>
/// <param name="DbType">The same, for Npgsql.</param>
/// <param name="DataTypes">The types of data columns that can be loaded into it.</param>
/// <param name="Expected">Those types in words.</param>
internal sealed record ColumnKind(string SqlType, NpgsqlDbType DbType, DataViewType[] DataTypes, string Expected)
{
    private const int TicksPerMicrosecond = 10;

    /// <summary>The types that columns may have.</summary>
    public static readonly DataKind[] Supported =
        [DataKind.String, DataKind.Boolean, DataKind.Int32, DataKind.Int64, DataKind.Single, DataKind.Double, DataKind.DateTime];

    public static ColumnKind Of(DataKind type) => type switch
    {
        DataKind.Boolean => new("boolean", NpgsqlDbType.Boolean, [BooleanDataViewType.Instance], "Boolean"),
        DataKind.Int32 => new("integer", NpgsqlDbType.Integer, [NumberDataViewType.Int32], "Int32"),
        DataKind.Int64 => new("bigint", NpgsqlDbType.Bigint, [NumberDataViewType.Int64, NumberDataViewType.Int32], "Int64 or Int32"),
        DataKind.Single => new("real", NpgsqlDbType.Real, [NumberDataViewType.Single], "Single"),
        DataKind.Double => new(
            "double precision", NpgsqlDbType.Double, [NumberDataViewType.Double, NumberDataViewType.Single], "Double or Single"),
        DataKind.DateTime => new("timestamp without time zone", NpgsqlDbType.Timestamp, [DateTimeDataViewType.Instance], "DateTime"),
        _ => new("text", NpgsqlDbType.Text, [TextDataViewType.Instance], "text"),
    };

    /// <summary>Finds the data's column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it has another type.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, TableColumn column)
    {
        ColumnKind kind = Of(column.Type);
        string role = column.Type == DataKind.String ? "text" : "value";
        DataViewSchema.Column found = SchemaErrors.Find(schema, column.Name, role, "data");
        return kind.DataTypes.Contains(found.Type)
            ? found
            : throw SchemaErrors.Mismatch("data", role, column.Name, kind.Expected, found.Type.ToString()!);
    }

    /// <summary>Reads values of a cursor's current row, as they will stand in the table.</summary>
    public static Func<object> Open(DataViewRow cursor, DataViewSchema.Column column, DataKind type) => type switch
    {
        DataKind.Boolean => Open<bool>(cursor, column, value => value),
        DataKind.Int32 => Open<int>(cursor, column, value => value),
        DataKind.Int64 when column.Type == NumberDataViewType.Int32 => Open<int>(cursor, column, value => (long)value),
        DataKind.Int64 => Open<long>(cursor, column, value => value),
        DataKind.Single => Open<float>(cursor, column, value => value),
        DataKind.Double when column.Type == NumberDataViewType.Single => Open<float>(cursor, column, value => (double)value),
        DataKind.Double => Open<double>(cursor, column, value => value),
        DataKind.DateTime => Open<DateTime>(cursor, column, value => Timestamp(value)),
        _ => Open<ReadOnlyMemory<char>>(cursor, column, value => value.ToString()),
    };

    /// <summary>
    /// Reads a value of a match. NULL, which occurs only in tables that were created elsewhere, becomes an empty text or null.
    /// </summary>
    public static object? Read(NpgsqlDataReader reader, int ordinal, DataKind type) =>
        reader.IsDBNull(ordinal) ? type == DataKind.String ? "" : null : reader.GetValue(ordinal);

    /// <summary>Returns the time without its kind, cut to microseconds.</summary>
    public static DateTime Timestamp(DateTime value) => new(value.Ticks - (value.Ticks % TicksPerMicrosecond), DateTimeKind.Unspecified);

    /// <summary>Converts a value to the type that a column is compared in: integers to bigint, so that none is out of range.</summary>
    /// <returns>The value, or null if it is of another type.</returns>
    public static object? Comparable(DataKind type, object? value) => (type, value) switch
    {
        (DataKind.String, string text) => text,
        (DataKind.Boolean, bool truth) => truth,
        (DataKind.Int32 or DataKind.Int64, sbyte or byte or short or ushort or int or uint or long) => Convert.ToInt64(value, null),
        (DataKind.Single, sbyte or byte or short or ushort or int or uint or long or float or double) => Convert.ToSingle(value, null),
        (DataKind.Double, sbyte or byte or short or ushort or int or uint or long or float or double) => Convert.ToDouble(value, null),
        (DataKind.DateTime, DateTime time) => Timestamp(time),
        _ => null,
    };

    /// <summary>Returns comparable values as an array of a type that Npgsql supports.</summary>
    public static Array ComparableArray(DataKind type, object[] values) => type switch
    {
        DataKind.Boolean => values.Cast<bool>().ToArray(),
        DataKind.Int32 or DataKind.Int64 => values.Cast<long>().ToArray(),
        DataKind.Single => values.Cast<float>().ToArray(),
        DataKind.Double => values.Cast<double>().ToArray(),
        DataKind.DateTime => values.Cast<DateTime>().ToArray(),
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
