using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Writes a <see cref="DimensionReport"/> as a table.</summary>
internal static class DimensionTable
{
    public static string Text(DimensionReport report) => $"{Title(report)}\n{TextTable.Aligned(Cells(report))}";

    public static string Markdown(DimensionReport report) => $"{TextTable.Escape(Title(report))}\n\n{TextTable.Markdown(Cells(report))}";

    private static string Title(DimensionReport report)
    {
        var title = new StringBuilder();
        title.Append(CultureInfo.InvariantCulture, $"{report.System}, {report.Task}: mean {report.PrimaryMetric} {Number(report.Score)} over {report.Count}");
        title.Append(' ').Append(Words.Rows(report.Task));
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

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
