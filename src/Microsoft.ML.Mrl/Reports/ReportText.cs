using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>
/// Writes the titles and tables of reports and comparisons. If there are several types, the tables have a column of types.
/// </summary>
internal static class ReportText
{
    public static string Title(DimensionReport report)
    {
        var title = new StringBuilder();
        title.Append(CultureInfo.InvariantCulture, $"{report.Name}, {report.Task}: ");
        title.Append(report.HasTypes ? report.PrimaryMetric : $"mean {report.PrimaryMetric} {Number(report.Score)}");
        title.Append(CultureInfo.InvariantCulture, $" over {report.Count} {ReportTasks.Rows(report.Task)}");
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

    public static string Title(DimensionComparison comparison) => $"{comparison.Task}: {Subject(comparison)}";

    /// <summary>Returns the metric of a comparison and the number of its rows.</summary>
    public static string Subject(DimensionComparison comparison)
    {
        int[] counts = [.. comparison.Reports.Select(report => report.Count)];
        bool areEqual = counts.Distinct().Count() == 1;
        string over = areEqual ? Whole(counts[0]) : string.Join(", ", counts.Select(count => Whole(count)));
        string apart = areEqual ? "" : ": measured on different data";
        return $"{comparison.PrimaryMetric} over {over} {ReportTasks.Rows(comparison.Task)}{apart}";
    }

    /// <summary>Returns the lines of a report's table, the headings first.</summary>
    public static string[][] Cells(DimensionReport report) =>
    [
        [.. TypeCell(report.HasTypes, "Type"), "Dimensions", "Bytes", .. report.Metrics, "Of full"],
        .. report.Rows.Select(row => (string[])
        [
            .. TypeCell(report.HasTypes, EmbeddingTypes.Name(row.Type)),
            Whole(row.Dimensions),
            Whole(row.BytesPerVector),
            .. report.Metrics.Select(metric => Number(row[metric])),
            RecommendationText.Percent(row.ShareOfFull),
        ]),
    ];

    /// <summary>Returns the lines of a comparison's table, the headings first.</summary>
    public static string[][] Cells(DimensionComparison comparison) =>
    [
        [.. TypeCell(comparison.HasTypes, "Type"), "Dimensions", "Bytes", .. comparison.Reports.Select(report => report.Name)],
        .. comparison.Lines().Select(line => (string[])
        [
            .. TypeCell(comparison.HasTypes, EmbeddingTypes.Name(line.Type)),
            Whole(line.Dimensions),
            Whole(EmbeddingTypes.Bytes(line.Type, line.Dimensions)),
            .. line.Rows.Select(row => row is null ? "-" : Number(row[comparison.PrimaryMetric])),
        ]),
        [
            .. TypeCell(comparison.HasTypes, EmbeddingTypes.Name(EmbeddingType.Single)),
            "Mean",
            "",
            .. comparison.Reports.Select(report => Number(report.Score)),
        ],
    ];

    private static string[] TypeCell(bool hasTypes, string text) => hasTypes ? [text] : [];

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
