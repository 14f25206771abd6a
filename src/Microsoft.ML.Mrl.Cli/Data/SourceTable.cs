using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Represents the rows of a file in memory, without those in which a needed column is empty.</summary>
internal sealed class SourceTable
{
    private SourceTable(RowReader file, ColumnRoles roles, IReadOnlyList<ExampleRow> rows, int skipped)
    {
        Name = file.Name;
        Columns = file.Columns;
        TextFormat = file is TabularFile text ? text.Format with { Separator = text.Separator } : null;
        IsSavedText = file is SavedTextFile;
        Roles = roles;
        Rows = rows;
        Skipped = skipped;
        Width = rows.Count == 0 ? 0 : rows[0].Vector.Length;
    }

    /// <summary>Gets the file as the user named it.</summary>
    public string Name { get; }

    /// <summary>Gets the names of all columns of the file.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>
    /// Gets how the lines of separated fields are written, with the separator that was found, or <see langword="null"/> for other files.
    /// </summary>
    public TextFormat? TextFormat { get; }

    /// <summary>Gets a value indicating whether ML.NET saved the file as text, with its schema.</summary>
    public bool IsSavedText { get; }

    /// <summary>Gets the roles of the columns.</summary>
    public ColumnRoles Roles { get; }

    /// <summary>Gets the rows, in the order of the file.</summary>
    public IReadOnlyList<ExampleRow> Rows { get; }

    /// <summary>Gets the number of rows that were left out because a needed column is empty.</summary>
    public int Skipped { get; }

    /// <summary>Gets the number of values of a vector; 0 for texts.</summary>
    public int Width { get; }

    /// <summary>Reads a file twice: its first rows to find the roles, and then all rows.</summary>
    /// <param name="open">Opens the file before its first row.</param>
    /// <param name="names">The columns that the user named.</param>
    /// <param name="wantsText">Whether the model takes text, or <see langword="null"/> if there is no model yet.</param>
    /// <exception cref="CommandException">A role cannot be filled, there is no row to use, or a row is broken.</exception>
    public static SourceTable Read(Func<RowReader> open, RoleNames names, bool? wantsText = null)
    {
        ColumnRoles roles;
        using (RowReader file = open())
        {
            TableSample sample = TableSample.Of(file);
            if (sample.IsEmpty)
            {
                throw new CommandException($"'{file.Name}' has columns ({RowReader.Shown(file.Columns)}) but no rows. Add rows.");
            }
            roles = RoleFinder.Find(sample, names, wantsText);
        }
        using RowReader again = open();
        return Read(again, roles);
    }

    /// <summary>Counts the different labels.</summary>
    public int CountLabels() => Rows.Select(row => row.Label).Distinct(StringComparer.Ordinal).Count();

    private static SourceTable Read(RowReader file, ColumnRoles roles)
    {
        var rows = new List<ExampleRow>();
        var empty = new EmptyCells();
        int total = 0, width = 0;
        while (file.Read())
        {
            total++;
            var row = new ExampleRow();
            if (roles.Input.IsText)
            {
                row.Text = empty.Note("text", roles.Input.Names[0], roles.Input.ReadText(file));
                row.PositiveText = roles.Positive is { } positive ? empty.Note("positive", positive.Names[0], positive.ReadText(file)) : "";
                row.NegativeText = roles.Negative is { } negative ? empty.Note("negative", negative.Names[0], negative.ReadText(file)) : "";
            }
            else
            {
                row.Vector = roles.Input.ReadVector(file, width);
                width = row.Vector.Length;
                row.PositiveVector = roles.Positive?.ReadVector(file, width) ?? [];
                row.NegativeVector = roles.Negative?.ReadVector(file, width) ?? [];
            }
            row.Label = roles.Label is { } label ? empty.Note("label", roles.TargetName!, file.Text(label)) : "";
            row.Score = roles.Score is { } score ? Field.ReadScore(file, score) : 0;
            if (float.IsNaN(row.Score))
            {
                empty.Note("score", roles.TargetName!, "");
            }
            if (!empty.EndRow())
            {
                rows.Add(row);
            }
        }
        empty.ThrowIfAlways(file, total);
        return rows.Count == 0
            ? throw new CommandException(
                $"'{file.Name}' has no row in which all of {RowReader.List(empty.Names)} are filled in. Fill them in.")
            : new SourceTable(file, roles, rows, total - rows.Count);
    }

    /// <summary>Counts the empty cells of each column.</summary>
    private sealed class EmptyCells
    {
        private readonly Dictionary<string, (string Role, int Count)> _counts = [];
        private bool _any;

        public IEnumerable<string> Names => _counts.Keys;

        public string Note(string role, string column, string text)
        {
            int count = _counts.TryGetValue(column, out (string, int Count) known) ? known.Count : 0;
            _counts[column] = (role, count + (text.Length == 0 ? 1 : 0));
            _any |= text.Length == 0;
            return text;
        }

        /// <summary>Goes to the next row.</summary>
        /// <returns>Whether the row that ends had an empty cell.</returns>
        public bool EndRow()
        {
            bool any = _any;
            _any = false;
            return any;
        }

        public void ThrowIfAlways(RowReader file, int total)
        {
            foreach ((string column, (string role, int count)) in _counts)
            {
                if (count == total)
                {
                    throw new CommandException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"Column '{column}' of '{file.Name}', the {role}, is empty in all {total} rows. "
                        + $"Name another with --{role}-col: {RowReader.Shown(file.Columns)}."));
                }
            }
        }
    }
}
