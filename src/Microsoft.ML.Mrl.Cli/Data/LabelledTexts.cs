namespace Microsoft.ML.Mrl.Cli;

/// <summary>The rows of a file that have both a text and a label.</summary>
internal sealed class LabelledTexts
{
    private LabelledTexts(string name, string textColumn, string labelColumn, bool guessed, IReadOnlyList<LabelledText> rows, int skipped)
    {
        Name = name;
        TextColumn = textColumn;
        LabelColumn = labelColumn;
        Guessed = guessed;
        Rows = rows;
        Skipped = skipped;
    }

    /// <summary>What the user calls the file.</summary>
    public string Name { get; }

    /// <summary>The text column's name in the file.</summary>
    public string TextColumn { get; }

    /// <summary>The label column's name in the file.</summary>
    public string LabelColumn { get; }

    /// <summary>Whether a column was guessed.</summary>
    public bool Guessed { get; }

    /// <summary>The rows, in the file's order.</summary>
    public IReadOnlyList<LabelledText> Rows { get; }

    /// <summary>Rows left out because their text or label is empty.</summary>
    public int Skipped { get; }

    /// <summary>Reads all rows of a file and closes it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="textColumn">The text column as the user named it, or <see langword="null"/> to guess.</param>
    /// <param name="labelColumn">The label column, likewise.</param>
    /// <exception cref="CommandException">There is nothing to use, or a line is broken.</exception>
    public static LabelledTexts Read(TabularFile file, string? textColumn, string? labelColumn)
    {
        using (file)
        {
            TextColumns columns = TextColumns.Choose(file, textColumn, labelColumn);
            var rows = new List<LabelledText>();
            int withoutText = 0, withoutLabel = 0;
            while (file.Read())
            {
                var row = new LabelledText { Text = file[columns.Text], Label = file[columns.Label] };
                withoutText += row.Text.Length == 0 ? 1 : 0;
                withoutLabel += row.Label.Length == 0 ? 1 : 0;
                rows.Add(row);
            }
            int total = rows.Count;
            ThrowIfAllEmpty(file, total, withoutText, columns.Text, "text", "--text-col");
            ThrowIfAllEmpty(file, total, withoutLabel, columns.Label, "label", "--label-col");
            rows.RemoveAll(row => row.Text.Length == 0 || row.Label.Length == 0);
            return new(file.Name, file.Columns[columns.Text], file.Columns[columns.Label], columns.Guessed, rows, total - rows.Count);
        }
    }

    /// <summary>How many different labels there are.</summary>
    public int CountLabels() => Rows.Select(row => row.Label).Distinct(StringComparer.Ordinal).Count();

    private static void ThrowIfAllEmpty(TabularFile file, int total, int empty, int column, string role, string option)
    {
        if (total == 0)
        {
            throw new CommandException($"'{file.Name}' has a header ({TabularFile.List(file.Columns)}) but no rows. Add rows below the header.");
        }
        if (empty == total)
        {
            throw new CommandException(
                $"Column '{file.Columns[column]}' of '{file.Name}', the {role}, is empty in all {total} rows. Name another with {option}: {TabularFile.List(file.Columns)}.");
        }
    }
}
