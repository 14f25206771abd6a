using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using NpgsqlTypes;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Describes how ids of a type are read, stored and written as text.</summary>
/// <param name="SqlType">The type of the column.</param>
/// <param name="DbType">The same, for Npgsql.</param>
internal sealed record IdKind<TId>(string SqlType, NpgsqlDbType DbType)
    where TId : notnull
{
    /// <exception cref="NotSupportedException">Ids of this type are not supported.</exception>
    public static IdKind<TId> Create() =>
        typeof(TId) == typeof(long) ? new("bigint", NpgsqlDbType.Bigint)
        : typeof(TId) == typeof(string) ? new("text", NpgsqlDbType.Text)
        : throw new NotSupportedException($"Ids of type {typeof(TId).Name} are not supported. Choose long or string.");

    /// <summary>Finds the column of ids and checks its type.</summary>
    /// <param name="schema">The schema of the data.</param>
    /// <param name="columnName">The column, or null for row numbers.</param>
    /// <exception cref="ArgumentException">Ids are texts, but no column is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static DataViewSchema.Column? FindColumn(DataViewSchema schema, string? columnName)
    {
        if (columnName is null)
        {
            return typeof(TId) == typeof(long)
                ? null
                : throw new ArgumentException(
                    $"{nameof(VectorLoadOptions.IdColumnName)} is not given, but row numbers are not text ids. Name a text column, "
                    + "or use a table of long ids.", "options");
        }
        DataViewSchema.Column column = SchemaErrors.Find(schema, columnName, "id", "data");
        bool numbers = typeof(TId) == typeof(long);
        bool fits = numbers
            ? column.Type == NumberDataViewType.Int64 || column.Type == NumberDataViewType.Int32
            : column.Type is TextDataViewType;
        return fits
            ? column
            : throw SchemaErrors.Mismatch("data", "id", columnName, numbers ? "Int64 or Int32" : "text", column.Type.ToString()!);
    }

    /// <summary>Reads ids of a cursor's current row.</summary>
    /// <param name="cursor">The cursor.</param>
    /// <param name="column">The column, or null for row numbers.</param>
    /// <param name="rowNumber">Returns the current row's number.</param>
    public static Func<TId> Open(DataViewRow cursor, DataViewSchema.Column? column, Func<long> rowNumber)
    {
        if (column is not { } known)
        {
            return () => (TId)(object)rowNumber();
        }
        if (known.Type is TextDataViewType)
        {
            ValueGetter<ReadOnlyMemory<char>> text = cursor.GetGetter<ReadOnlyMemory<char>>(known);
            ReadOnlyMemory<char> value = default;
            return () =>
            {
                text(ref value);
                return (TId)(object)value.ToString();
            };
        }
        if (known.Type == NumberDataViewType.Int64)
        {
            ValueGetter<long> number = cursor.GetGetter<long>(known);
            long value = 0;
            return () =>
            {
                number(ref value);
                return (TId)(object)value;
            };
        }
        ValueGetter<int> small = cursor.GetGetter<int>(known);
        int smallValue = 0;
        return () =>
        {
            small(ref smallValue);
            return (TId)(object)(long)smallValue;
        };
    }

    public static string Format(TId id) => Convert.ToString(id, CultureInfo.InvariantCulture)!;

    public static TId Parse(string id) =>
        typeof(TId) == typeof(long) ? (TId)(object)long.Parse(id, CultureInfo.InvariantCulture) : (TId)(object)id;
}
