using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>The rows of a file that have all that their roles ask for, in memory.</summary>
internal sealed class SourceTable
{
    private SourceTable(RowReader file, ColumnRoles roles, IReadOnlyList<ExampleRow> rows, int skipped)
    {
        Name = file.Name;
        Columns = file.Columns;
        Separator = (file as TabularFile)?.Separator;
        HasHeader = (file as TabularFile)?.HasHeader ?? true;
        Roles = roles;
        Rows = rows;
        Skipped = skipped;
        Width = rows.Count == 0 ? 0 : rows[0].Vector.Length;
    }

    /// <summary>What the user calls the file.</summary>
    public string Name { get; }

    /// <summary>All columns of the file.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What separates the fields of a text file; <see langword="null"/> for other files.</summary>
    public char? Separator { get; }

    /// <summary>Whether the file names its columns.</summary>
    public bool HasHeader { get; }

    /// <summary>What the columns are for.</summary>
    public ColumnRoles Roles { get; }

    /// <summary>The rows, in the file's order.</summary>
    public IReadOnlyList<ExampleRow> Rows { get; }

    /// <summary>Rows left out because something of them is empty.</summary>
    public int Skipped { get; }

    /// <summary>The width of the vectors; 0 for texts.</summary>
    public int Width { get; }

    /// <summary>Reads a file twice: its first rows for the roles, then all of it.</summary>
    /// <param name="open">Opens it at its beginning.</param>
    /// <param name="names">The columns that the user named.</param>
    /// <param name="wantsText">Whether a model takes text; <see langword="null"/> where there is none yet.</param>
    /// <exception cref="CommandException">A role cannot be filled, there is nothing to use, or a row is broken.</exception>
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

    /// <summary>How many different labels there are.</summary>
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
            ? throw new CommandException($"'{file.Name}' has no row in which all of {RowReader.List(empty.Names)} are filled in. Fill them in.")
            : new SourceTable(file, roles, rows, total - rows.Count);
    }

    /// <summary>Counts empty cells by column.</summary>
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

        /// <returns>Whether the row had an empty cell.</returns>
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
                        $"Column '{column}' of '{file.Name}', the {role}, is empty in all {total} rows. Name another with --{role}-col: {RowReader.Shown(file.Columns)}."));
                }
            }
        }
    }
}
