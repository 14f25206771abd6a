using System.Globalization;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Which columns of a file are the text and the label.</summary>
/// <param name="Text">The text column's position, from 0.</param>
/// <param name="Label">The label column's position, from 0.</param>
/// <param name="Guessed">Whether a name was guessed.</param>
internal sealed record TextColumns(int Text, int Label, bool Guessed)
{
    private static readonly string[] s_textNames = ["text", "utterance", "sentence", "query", "question", "message", "review", "comment", "content", "title"];
    private static readonly string[] s_labelNames = ["label", "category", "intent", "class", "target", "topic", "sentiment"];

    /// <summary>Finds the columns.</summary>
    /// <param name="file">The file, for its header.</param>
    /// <param name="text">What --text-col says: a name, or a position from 0 where no column has that name.</param>
    /// <param name="label">What --label-col says.</param>
    /// <exception cref="CommandException">A column is not there or cannot be guessed, or both are the same.</exception>
    public static TextColumns Choose(TabularFile file, string? text, string? label)
    {
        int textColumn = Find(file, "text", "--text-col", text, s_textNames);
        int labelColumn = Find(file, "label", "--label-col", label, s_labelNames);
        if (textColumn == labelColumn)
        {
            throw new CommandException(
                $"Cannot use column '{file.Columns[textColumn]}' of '{file.Name}' as text and as label. Name two columns of: {TabularFile.List(file.Columns)}.");
        }
        return new(textColumn, labelColumn, text is null || label is null);
    }

    private static int Find(TabularFile file, string role, string option, string? asked, string[] usual) =>
        asked is null ? Guess(file, role, option, usual) : Find(file, role, option, asked);

    private static int Find(TabularFile file, string role, string option, string asked)
    {
        string[] columns = [.. file.Columns];
        if (Array.IndexOf(columns, asked) is >= 0 and int exact)
        {
            return exact;
        }
        if (Array.FindAll(columns, name => name.Equals(asked, StringComparison.OrdinalIgnoreCase)) is [var alike])
        {
            return Array.IndexOf(columns, alike);
        }
        if (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out int position))
        {
            return position < columns.Length
                ? position
                : throw new CommandException(
                    $"Cannot use {option} {asked}: '{file.Name}' has {columns.Length} columns, counted from 0: {TabularFile.List(columns)}. Name one of them.");
        }
        throw new CommandException($"Cannot use {option} {asked}: '{file.Name}' has no {role} column of that name. Name one of: {TabularFile.List(columns)}.");
    }

    private static int Guess(TabularFile file, string role, string option, string[] usual)
    {
        string[] columns = [.. file.Columns];
        foreach (string name in usual)
        {
            int[] found = [.. Enumerable.Range(0, columns.Length).Where(i => columns[i].Equals(name, StringComparison.OrdinalIgnoreCase))];
            if (found is [int only])
            {
                return only;
            }
        }
        throw new CommandException($"Cannot tell which column of '{file.Name}' is the {role}. Name it with {option}, one of: {TabularFile.List(columns)}.");
    }
}
