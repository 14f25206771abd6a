using System.Text;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Lines of cells as a table, right-aligned; the first line holds the headings.</summary>
internal static class TextTable
{
    public static string Aligned(string[][] cells)
    {
        cells = [.. cells.Select(line => (string[])[.. line.Select(OneLine)])];
        int[] widths = Widths(cells);
        var text = new StringBuilder();
        foreach (string[] line in cells)
        {
            text.AppendJoin("  ", line.Select((cell, i) => cell.PadLeft(widths[i]))).Append('\n');
        }
        return text.ToString();
    }

    public static string Markdown(string[][] cells)
    {
        cells = [.. cells.Select(line => (string[])[.. line.Select(Escape)])];
        int[] widths = Widths(cells);
        var text = new StringBuilder();
        AppendLine(cells[0].Select((cell, i) => cell.PadLeft(widths[i])));
        AppendLine(widths.Select(width => new string('-', width - 1) + ":"));
        foreach (string[] line in cells[1..])
        {
            AppendLine(line.Select((cell, i) => cell.PadLeft(widths[i])));
        }
        return text.ToString();

        void AppendLine(IEnumerable<string> line) => text.Append("| ").AppendJoin(" | ", line).Append(" |\n");
    }

    /// <summary>Escapes a text for one line of Markdown.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in OneLine(text))
        {
            _ = c switch
            {
                '\\' or '|' or '`' or '*' or '[' or ']' => escaped.Append('\\').Append(c),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                _ => escaped.Append(c),
            };
        }
        return escaped.ToString();
    }

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));

    private static int[] Widths(string[][] cells)
        => [.. Enumerable.Range(0, cells[0].Length).Select(i => Math.Max(2, cells.Max(line => line[i].Length)))];
}
