using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Words a <see cref="DimensionComparison"/>.</summary>
internal static class ComparisonText
{
    public static string Title(DimensionComparison comparison)
    {
        int[] counts = [.. comparison.Reports.Select(report => report.Count)];
        string over = counts.Distinct().Count() == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{counts[0]}")
            : string.Join(", ", counts.Select(count => count.ToString(CultureInfo.InvariantCulture)));
        string apart = counts.Distinct().Count() == 1 ? "" : ": measured on different data";
        return $"{comparison.Task}: {comparison.PrimaryMetric} over {over} {Words.Rows(comparison.Task)}{apart}";
    }

    /// <summary>The table's lines, the headings first.</summary>
    public static string[][] Cells(DimensionComparison comparison) =>
    [
        ["Dimensions", "Bytes", .. comparison.Reports.Select(report => report.System)],
        .. comparison.Dimensions.Select(m => (string[])
        [
            m.ToString(CultureInfo.InvariantCulture),
            (4L * m).ToString(CultureInfo.InvariantCulture),
            .. comparison.Reports.Select(report => report.Rows.FirstOrDefault(row => row.Dimensions == m) is { } row ? Number(row[report.PrimaryMetric]) : "-"),
        ]),
        ["Mean", "", .. comparison.Reports.Select(report => Number(report.Score))],
    ];

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
