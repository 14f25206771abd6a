using Microsoft.ML.Mrl.Postgres.Search;

namespace Microsoft.ML.Mrl;

/// <summary>
/// A condition on the rows that a search may find. Conditions name columns of the table by their own names and hold values, which travel as parameters and never as part of the statement; they
/// are joined by <c>&amp;</c>, <c>|</c> and <c>!</c>. Columns and types are checked when a search is asked for.
/// </summary>
/// <example><code>
/// SearchFilter filter = SearchFilter.Equal("Language", "en") &amp; SearchFilter.AtLeast("Year", 2020);
/// </code></example>
public sealed class SearchFilter
{
    private readonly Func<FilterWriter, string> _write;

    private SearchFilter(Func<FilterWriter, string> write) => _write = write;

    /// <summary>The column has the value.</summary>
    /// <param name="columnName">The id column, or one of <see cref="PostgresVectorTableOptions.Columns"/>.</param>
    /// <param name="value">A value of the column's type; any whole number for a column of whole numbers, any number for one of Single or Double.</param>
    public static SearchFilter Equal(string columnName, object value) => Compare(columnName, "=", value);

    /// <summary>The column has another value.</summary>
    /// <param name="columnName">As for <see cref="Equal"/>.</param>
    /// <param name="value">As for <see cref="Equal"/>.</param>
    public static SearchFilter NotEqual(string columnName, object value) => Compare(columnName, "<>", value);

    /// <summary>The column is below the value; texts by the order of the database.</summary>
    /// <param name="columnName">As for <see cref="Equal"/>.</param>
    /// <param name="value">As for <see cref="Equal"/>.</param>
    public static SearchFilter Less(string columnName, object value) => Compare(columnName, "<", value);

    /// <summary>The column is below the value or equal to it.</summary>
    /// <param name="columnName">As for <see cref="Equal"/>.</param>
    /// <param name="value">As for <see cref="Equal"/>.</param>
    public static SearchFilter AtMost(string columnName, object value) => Compare(columnName, "<=", value);

    /// <summary>The column is above the value.</summary>
    /// <param name="columnName">As for <see cref="Equal"/>.</param>
    /// <param name="value">As for <see cref="Equal"/>.</param>
    public static SearchFilter Greater(string columnName, object value) => Compare(columnName, ">", value);

    /// <summary>The column is above the value or equal to it.</summary>
    /// <param name="columnName">As for <see cref="Equal"/>.</param>
    /// <param name="value">As for <see cref="Equal"/>.</param>
    public static SearchFilter AtLeast(string columnName, object value) => Compare(columnName, ">=", value);

    /// <summary>The column has one of the values; with no values no row fits.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="columnName">As for <see cref="Equal"/>.</param>
    /// <param name="values">As for <see cref="Equal"/>.</param>
    public static SearchFilter In<T>(string columnName, IEnumerable<T> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentNullException.ThrowIfNull(values);
        object?[] copied = [.. values];
        return new SearchFilter(writer => writer.In(columnName, copied));
    }

    /// <summary>Any condition in SQL, such as <c>$"tags &amp;&amp; {wanted} AND lower(\"Title\") LIKE {pattern}"</c>: what stands in braces becomes a parameter, the rest is SQL as it was written.</summary>
    /// <param name="condition">
    /// The condition, which sees the table's columns. Values are texts, truth values, numbers, Guid, DateTime (as a time without zone), or arrays of one of these; none is null, and none has a format.
    /// </param>
    public static SearchFilter Sql(FormattableString condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new SearchFilter(writer => writer.Sql(condition));
    }

    /// <summary>Both hold.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static SearchFilter operator &(SearchFilter left, SearchFilter right) => Join(left, "AND", right);

    /// <summary>At least one holds.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static SearchFilter operator |(SearchFilter left, SearchFilter right) => Join(left, "OR", right);

    /// <summary>It does not hold.</summary>
    /// <param name="filter">What does not.</param>
    public static SearchFilter operator !(SearchFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return new SearchFilter(writer => $"(NOT {filter.Write(writer)})");
    }

    /// <summary>The condition in parentheses, its values added to the writer's parameters.</summary>
    internal string Write(FilterWriter writer) => _write(writer);

    private static SearchFilter Compare(string columnName, string comparison, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentNullException.ThrowIfNull(value);
        return new SearchFilter(writer => writer.Compare(columnName, comparison, value));
    }

    private static SearchFilter Join(SearchFilter left, string word, SearchFilter right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new SearchFilter(writer => $"({left.Write(writer)} {word} {right.Write(writer)})");
    }
}
