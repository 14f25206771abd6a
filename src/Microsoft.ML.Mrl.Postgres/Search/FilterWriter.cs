using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Search;

/// <summary>Writes filters for one table as SQL. It quotes names, and adds values to the existing parameters.</summary>
internal sealed class FilterWriter(PostgresVectorTableOptions table, string idType, NpgsqlParameterCollection parameters)
{
    /// <summary>The maximum number of parameters of a statement, which the protocol counts in 16 bits.</summary>
    private const int MaxParameters = ushort.MaxValue;

    /// <summary>Returns the error of a filter that cannot be written.</summary>
    public static ArgumentException Wrong(string message) => new(message, "options");

    public string Compare(string columnName, string comparison, object value)
    {
        DataKind type = TypeOf(columnName);
        return $"({SqlIdentifier.Quote(columnName)} {comparison} {Add(Comparable(columnName, type, value))})";
    }

    public string In(string columnName, object?[] values)
    {
        DataKind type = TypeOf(columnName);
        Array array = ColumnKind.ComparableArray(type, [.. values.Select(value => Comparable(columnName, type, value))]);
        return $"({SqlIdentifier.Quote(columnName)} = ANY({Add(array)}))";
    }

    /// <summary>Writes a condition from SQL. It ends with a line break, which ends a comment.</summary>
    public string Sql(FormattableString condition)
    {
        object[] holes = [.. condition.GetArguments().Select((value, i) => new Hole(Add(Known(value, i, condition)), condition))];
        return $"({string.Format(CultureInfo.InvariantCulture, condition.Format, holes)}\n)";
    }

    private DataKind TypeOf(string columnName)
    {
        if (columnName == table.IdColumnName)
        {
            return idType == "text" ? DataKind.String : DataKind.Int64;
        }
        string names = string.Join("', '", table.Columns.Select(column => column.Name).Prepend(table.IdColumnName));
        return table.Columns.FirstOrDefault(column => column.Name == columnName)?.Type
            ?? throw Wrong($"The filter names column '{columnName}', which is not one of the table's: '{names}'. "
                + $"Choose one of these, or write SQL ({nameof(SearchFilter)}.{nameof(SearchFilter.Sql)}).");
    }

    private static object Comparable(string columnName, DataKind type, object? value)
    {
        object found = ColumnKind.Comparable(type, value)
            ?? throw Wrong($"The filter compares column '{columnName}' of {type} with {Describe(value)}. "
                + "Give a value of the column's type.");
        return found is string text && PostgresText.Problem(text) is { } problem
            ? throw Wrong($"The text that the filter compares column '{columnName}' with {problem}.")
            : found;
    }

    private static object Known(object? value, int index, FormattableString condition) => value switch
    {
        string text when PostgresText.Problem(text) is { } problem => throw Wrong($"Value {index} of the filter `{condition.Format}`, "
            + $"counted from 0, {problem}."),
        string or bool or short or int or long or float or double or decimal or Guid => value,
        string[] or bool[] or short[] or int[] or long[] or float[] or double[] or decimal[] or Guid[] => value,
        byte or sbyte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        DateTime time => ColumnKind.Timestamp(time),
        DateTime[] times => Array.ConvertAll(times, ColumnKind.Timestamp),
        _ => throw Wrong($"Value {index} of the filter `{condition.Format}`, counted from 0, is {Describe(value)}. "
            + "Give a string, a Boolean, a number, a Guid, a DateTime, or an array of one of these."),
    };

    private static string Describe(object? value) => value is null ? "null" : $"a {value.GetType().Name}";

    private string Add(object value)
    {
        if (parameters.Count >= MaxParameters)
        {
            throw Wrong($"The filter has more values than the {MaxParameters} that PostgreSQL takes in a statement. "
                + "Give many values of a column as one array.");
        }
        parameters.Add(new NpgsqlParameter { Value = value });
        return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
    }

    /// <summary>Represents the placeholder of a value. Formats are refused, since they would have no effect on a parameter.</summary>
    private sealed class Hole(string parameter, FormattableString condition) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => string.IsNullOrEmpty(format)
            ? parameter
            : throw Wrong($"A value of the filter `{condition.Format}` has the format '{format}', but values are sent as parameters. "
                + "Remove the format.");
    }
}
