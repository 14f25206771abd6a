using System.Globalization;
using Microsoft.ML.Mrl.Postgres.Loading;
using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Search;

/// <summary>Writes filters as SQL about one table: names quoted, values as parameters after those that are there.</summary>
internal sealed class FilterWriter(PostgresVectorTableOptions table, string idType, NpgsqlParameterCollection parameters)
{
    public string Compare(string columnName, string comparison, object value)
    {
        TableColumnType type = TypeOf(columnName);
        return $"({SqlIdentifier.Quote(columnName)} {comparison} {Add(Comparable(columnName, type, value))})";
    }

    public string In(string columnName, object?[] values)
    {
        TableColumnType type = TypeOf(columnName);
        Array array = ColumnKind.ComparableArray(type, [.. values.Select(value => Comparable(columnName, type, value))]);
        return $"({SqlIdentifier.Quote(columnName)} = ANY({Add(array)}))";
    }

    /// <summary>A line of its own, so that a comment in it ends there.</summary>
    public string Sql(FormattableString condition) =>
        $"({string.Format(CultureInfo.InvariantCulture, condition.Format, [.. condition.GetArguments().Select((value, i) => new Hole(Add(Known(value, i, condition)), condition))])}\n)";

    private TableColumnType TypeOf(string columnName)
    {
        if (columnName == table.IdColumnName)
        {
            return idType == "text" ? TableColumnType.Text : TableColumnType.Int64;
        }
        return table.Columns.FirstOrDefault(column => column.Name == columnName)?.Type
            ?? throw Wrong($"The filter names column '{columnName}', which is not one of the table's: '{string.Join("', '", table.Columns.Select(column => column.Name).Prepend(table.IdColumnName))}'. Choose one of these, or write SQL ({nameof(SearchFilter)}.{nameof(SearchFilter.Sql)}).");
    }

    private static object Comparable(string columnName, TableColumnType type, object? value)
    {
        object found = ColumnKind.Comparable(type, value)
            ?? throw Wrong($"The filter compares column '{columnName}' of {type} with {(value is null ? "null" : $"a {value.GetType().Name}")}. Give a value of the column's type.");
        return found is string text && RowText.Problem(text) is { } problem ? throw Wrong($"The text that the filter compares column '{columnName}' with {problem}.") : found;
    }

    private static object Known(object? value, int index, FormattableString condition) => value switch
    {
        string text when RowText.Problem(text) is { } problem => throw Wrong($"Value {index} of the filter `{condition.Format}`, counted from 0, {problem}."),
        string or bool or short or int or long or float or double or decimal or Guid => value,
        string[] or bool[] or short[] or int[] or long[] or float[] or double[] or decimal[] or Guid[] => value,
        byte or sbyte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        DateTime time => ColumnKind.Timestamp(time),
        DateTime[] times => Array.ConvertAll(times, ColumnKind.Timestamp),
        _ => throw Wrong($"Value {index} of the filter `{condition.Format}`, counted from 0, is {(value is null ? "null" : $"a {value.GetType().Name}")}. Give a text, a truth value, a number, a Guid, a DateTime, or an array of one of these."),
    };

    private string Add(object value)
    {
        parameters.Add(new NpgsqlParameter { Value = value });
        return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
    }

    private static ArgumentException Wrong(string message) => new(message, "options");

    /// <summary>Where a value stood; a format would have no effect on a parameter.</summary>
    private sealed class Hole(string parameter, FormattableString condition) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) =>
            string.IsNullOrEmpty(format) ? parameter : throw Wrong($"A value of the filter `{condition.Format}` has the format '{format}', but values are handed over as they are. Leave it out.");
    }
}
