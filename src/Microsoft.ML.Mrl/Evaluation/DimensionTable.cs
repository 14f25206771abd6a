using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl;

/// <summary>Writes a <see cref="DimensionReport"/> as a table.</summary>
internal static class DimensionTable
{
    public static string Text(DimensionReport report)
    {
        string[][] cells = Cells(report);
        int[] widths = Widths(cells);
        var text = new StringBuilder(Title(report)).Append('\n');
        foreach (string[] line in cells)
        {
            text.AppendJoin("  ", line.Select((cell, i) => cell.PadLeft(widths[i]))).Append('\n');
        }
        return text.ToString();
    }

    public static string Markdown(DimensionReport report)
    {
        string[][] cells = Cells(report);
        int[] widths = Widths(cells);
        var text = new StringBuilder(Title(report)).Append("\n\n");
        AppendLine(cells[0].Select((cell, i) => cell.PadLeft(widths[i])));
        AppendLine(widths.Select(width => new string('-', width - 1) + ":"));
        foreach (string[] line in cells[1..])
        {
            AppendLine(line.Select((cell, i) => cell.PadLeft(widths[i])));
        }
        return text.ToString();

        void AppendLine(IEnumerable<string> line) => text.Append("| ").AppendJoin(" | ", line).Append(" |\n");
    }

    private static string Title(DimensionReport report)
    {
        var title = new StringBuilder();
        title.Append(CultureInfo.InvariantCulture, $"{report.System}, {report.Task}: mean {report.PrimaryMetric} {Number(report.Score)} over {report.Count}");
        title.Append(report.Task switch { "retrieval" => " queries", "similarity" => " pairs", _ => " rows" });
        if (report.Skipped > 0)
        {
            title.Append(CultureInfo.InvariantCulture, $", {report.Skipped} skipped");
        }
        if (report.Note.Length > 0)
        {
            title.Append(" (").Append(report.Note).Append(')');
        }
        return title.ToString();
    }

    private static string[][] Cells(DimensionReport report) =>
    [
        ["Dimensions", "Bytes", .. report.Metrics, "Of full"],
        .. report.Rows.Select(row => (string[])
        [
            row.Dimensions.ToString(CultureInfo.InvariantCulture),
            row.BytesPerVector.ToString(CultureInfo.InvariantCulture),
            .. report.Metrics.Select(metric => Number(row[metric])),
            double.IsNaN(row.ShareOfFull) ? "-" : (100 * row.ShareOfFull).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        ]),
    ];

    private static int[] Widths(string[][] cells)
        => [.. Enumerable.Range(0, cells[0].Length).Select(i => cells.Max(line => line[i].Length))];

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
