using System.Text;
using Microsoft.ML.Mrl.Postgres.Search;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a condition that rows must meet to be found by a search in a <see cref="PostgresVectorTable{TId}"/>.</summary>
/// <remarks>
/// Conditions name columns of the table. Their values are sent as parameters and never become part of the statement. Conditions are joined
/// by <c>&amp;</c>, <c>|</c> and <c>!</c>: at most 10,000 of them, nested at most 100 deep. A search checks the columns, the types and
/// these limits. Instances are immutable.
/// </remarks>
/// <example><code>
/// SearchFilter filter = SearchFilter.Equal("Language", "en") &amp; SearchFilter.GreaterThanOrEqual("Year", 2020);
/// </code></example>
public sealed class SearchFilter
{
    internal const int MaxConditions = 10_000;
    internal const int MaxDepth = 100;

    private readonly Node _node;
    private readonly Func<FilterWriter, string>? _condition;
    private readonly SearchFilter? _left;
    private readonly SearchFilter? _right;
    private readonly int _conditions = 1;
    private readonly int _depth = 1;

    private SearchFilter(Func<FilterWriter, string> condition) => _condition = condition;

    private SearchFilter(Node node, SearchFilter left, SearchFilter? right)
    {
        _node = node;
        _left = left;
        _right = right;
        _conditions = (int)Math.Min((long)left._conditions + (right?._conditions ?? 0), int.MaxValue);
        // Operands that are joined by the same word stand side by side, whatever the order they were joined in.
        _depth = Math.Max(DepthUnder(left), right is null ? 0 : DepthUnder(right));
        int DepthUnder(SearchFilter operand) => operand._depth + (operand._node == node ? 0 : 1);
    }

    private enum Node
    {
        Condition,
        And,
        Or,
        Not,
    }

    /// <summary>Creates a condition that is met by rows whose column equals a value.</summary>
    /// <param name="columnName">The name of the id column or of one of <see cref="PostgresVectorTableOptions.Columns"/>.</param>
    /// <param name="value">
    /// A value of the column's type: any integer for a column of Int32 or Int64, any number for one of Single or Double.
    /// </param>
    /// <returns>The condition.</returns>
    public static SearchFilter Equal(string columnName, object value) => Compare(columnName, "=", value);

    /// <summary>Creates a condition that is met by rows whose column does not equal a value.</summary>
    /// <inheritdoc cref="Equal"/>
    public static SearchFilter NotEqual(string columnName, object value) => Compare(columnName, "<>", value);

    /// <summary>
    /// Creates a condition that is met by rows whose column is less than a value. Texts are compared by the collation of the database.
    /// </summary>
    /// <inheritdoc cref="Equal"/>
    public static SearchFilter LessThan(string columnName, object value) => Compare(columnName, "<", value);

    /// <summary>Creates a condition that is met by rows whose column is less than or equal to a value.</summary>
    /// <inheritdoc cref="Equal"/>
    public static SearchFilter LessThanOrEqual(string columnName, object value) => Compare(columnName, "<=", value);

    /// <summary>Creates a condition that is met by rows whose column is greater than a value.</summary>
    /// <inheritdoc cref="Equal"/>
    public static SearchFilter GreaterThan(string columnName, object value) => Compare(columnName, ">", value);

    /// <summary>Creates a condition that is met by rows whose column is greater than or equal to a value.</summary>
    /// <inheritdoc cref="Equal"/>
    public static SearchFilter GreaterThanOrEqual(string columnName, object value) => Compare(columnName, ">=", value);

    /// <summary>
    /// Creates a condition that is met by rows whose column equals one of several values, which may be very many; with no values no row
    /// meets it.
    /// </summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="columnName">The name of the id column or of one of <see cref="PostgresVectorTableOptions.Columns"/>.</param>
    /// <param name="values">Values of the column's type.</param>
    /// <returns>The condition.</returns>
    public static SearchFilter In<T>(string columnName, IEnumerable<T> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentNullException.ThrowIfNull(values);
        object?[] copied = [.. values];
        return new SearchFilter(writer => writer.In(columnName, copied));
    }

    /// <summary>
    /// Creates a condition from SQL, such as <c>$"tags &amp;&amp; {wanted} AND lower(\"Title\") LIKE {pattern}"</c>. Values in braces
    /// become parameters; the rest is sent as it is.
    /// </summary>
    /// <param name="condition">
    /// The condition, which can refer to all columns of the table. Its values are strings, Booleans, numbers, <see cref="Guid"/>,
    /// <see cref="DateTime"/> (sent as a time without time zone), or arrays of one of these. None is null, and none has a format.
    /// </param>
    /// <returns>The condition.</returns>
    public static SearchFilter Sql(FormattableString condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new SearchFilter(writer => writer.Sql(condition));
    }

    /// <summary>Creates a condition that is met where both conditions are met.</summary>
    /// <param name="left">The first condition.</param>
    /// <param name="right">The second condition.</param>
    /// <returns>The condition.</returns>
    public static SearchFilter operator &(SearchFilter left, SearchFilter right) => Join(Node.And, left, right);

    /// <summary>Creates a condition that is met where at least one of two conditions is met.</summary>
    /// <param name="left">The first condition.</param>
    /// <param name="right">The second condition.</param>
    /// <returns>The condition.</returns>
    public static SearchFilter operator |(SearchFilter left, SearchFilter right) => Join(Node.Or, left, right);

    /// <summary>Creates a condition that is met where a condition is not met.</summary>
    /// <param name="filter">The condition to negate.</param>
    /// <returns>The condition.</returns>
    public static SearchFilter operator !(SearchFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return filter._node == Node.Not ? filter._left! : new SearchFilter(Node.Not, filter, null);
    }

    /// <summary>Writes the condition in parentheses and adds its values to the writer's parameters.</summary>
    /// <remarks>Iterative, and linear in the number of conditions: however a program builds a filter, it does not exhaust the
    /// stack.</remarks>
    /// <exception cref="ArgumentException">The filter has more conditions, or nests them deeper, than PostgreSQL can be trusted
    /// with.</exception>
    internal string Write(FilterWriter writer)
    {
        if (_conditions > MaxConditions)
        {
            throw FilterWriter.Wrong(
                $"The filter has {_conditions} conditions; at most {MaxConditions} are allowed. To compare a column with many values, "
                + $"use {nameof(SearchFilter)}.{nameof(In)}.");
        }
        if (_depth > MaxDepth)
        {
            throw FilterWriter.Wrong($"The filter nests conditions {_depth} deep; at most {MaxDepth} is allowed. "
                + "Write it with fewer changes between `&`, `|` and `!`.");
        }
        var text = new StringBuilder();
        var open = new Stack<(SearchFilter? Filter, Node Parent, string Text)>([(this, Node.Condition, "")]);
        while (open.TryPop(out (SearchFilter? Filter, Node Parent, string Text) next))
        {
            if (next.Filter is not { } filter)
            {
                text.Append(next.Text);
            }
            else if (filter._condition is { } condition)
            {
                text.Append(condition(writer));
            }
            else if (filter._node == Node.Not)
            {
                text.Append("(NOT ");
                open.Push((null, default, ")"));
                open.Push((filter._left, Node.Not, ""));
            }
            else
            {
                bool sideBySide = filter._node == next.Parent;
                text.Append(sideBySide ? "" : "(");
                open.Push((null, default, sideBySide ? "" : ")"));
                open.Push((filter._right, filter._node, ""));
                open.Push((null, default, filter._node == Node.And ? " AND " : " OR "));
                open.Push((filter._left, filter._node, ""));
            }
        }
        return text.ToString();
    }

    private static SearchFilter Compare(string columnName, string comparison, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentNullException.ThrowIfNull(value);
        return new SearchFilter(writer => writer.Compare(columnName, comparison, value));
    }

    private static SearchFilter Join(Node node, SearchFilter left, SearchFilter right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new SearchFilter(node, left, right);
    }
}
