using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Finds the columns of a file that options name.</summary>
internal sealed class ColumnFinder(TableSample sample)
{
    private const string RangeDots = "..";

    private readonly string[] _columns = [.. sample.Columns];

    /// <summary>Determines whether a name would be read as a list or a range of columns.</summary>
    public static bool IsList(string name) =>
        name.Contains(',', StringComparison.Ordinal) || name.Contains(RangeDots, StringComparison.Ordinal);

    /// <summary>Finds one column.</summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="asked">A name, or a position from 0 where no column has that name.</param>
    /// <exception cref="CommandException">There is no such column.</exception>
    public int Find(string option, string asked)
    {
        asked = asked.Trim();
        if (Array.IndexOf(_columns, asked) is >= 0 and int exact)
        {
            return exact;
        }
        if (Array.FindAll(_columns, name => name.Equals(asked, StringComparison.OrdinalIgnoreCase)) is [var alike])
        {
            return Array.IndexOf(_columns, alike);
        }
        if (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out int position))
        {
            return position < _columns.Length
                ? position
                : throw new CommandException(
                    $"Cannot use {option} {asked}: '{sample.Name}' has {_columns.Length} columns, "
                    + $"counted from 0: {RowReader.Shown(_columns)}. Name one of them.");
        }
        throw new CommandException(
            $"Cannot use {option} {asked}: '{sample.Name}' has no column of that name. Name one of: {RowReader.Shown(_columns)}.");
    }

    /// <summary>
    /// Finds columns in a list with commas and ranges <c>first..last</c>. A column whose own name has a comma or dots comes before a list.
    /// </summary>
    /// <exception cref="CommandException">There is no such column, or one is named twice.</exception>
    public int[] FindAll(string option, string asked)
    {
        if (Array.IndexOf(_columns, asked.Trim()) is >= 0 and int exact)
        {
            return [exact];
        }
        var found = new List<int>();
        foreach (string part in asked.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int dots = Array.IndexOf(_columns, part) >= 0 ? -1 : part.IndexOf(RangeDots, StringComparison.Ordinal);
            if (dots < 0)
            {
                found.Add(Find(option, part));
                continue;
            }
            int first = Find(option, part[..dots]), last = Find(option, part[(dots + RangeDots.Length)..]);
            if (last < first)
            {
                throw new CommandException(
                    $"Cannot use {option} {part}: column '{_columns[last]}' is before '{_columns[first]}' in '{sample.Name}'. "
                    + $"Name the first one first.");
            }
            found.AddRange(Enumerable.Range(first, last - first + 1));
        }
        if (found.Count == 0)
        {
            throw new CommandException(
                $"Cannot use {option} {asked}: it names no column. Name one or several of: {RowReader.Shown(_columns)}.");
        }
        return found.GroupBy(column => column).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new CommandException($"Cannot use {option} {asked}: it names column '{_columns[twice.Key]}' twice.")
            : [.. found];
    }

    /// <summary>Finds a column by its usual names: the first name that exactly one column has.</summary>
    public int? Guess(IEnumerable<string> usual, Func<int, bool> isFree)
    {
        foreach (string name in usual)
        {
            int[] found = [.. Enumerable.Range(0, _columns.Length).Where(
                i => isFree(i) && _columns[i].Equals(name, StringComparison.OrdinalIgnoreCase))];
            if (found is [int only])
            {
                return only;
            }
        }
        return null;
    }
}
