using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Represents one line of a page's charts: the rows of one report that were stored as one type.</summary>
/// <param name="Report">The report.</param>
/// <param name="Type">The type.</param>
/// <param name="Label">Its name in legends: the report's, the type's, or both.</param>
/// <param name="Mark">Its position, which chooses colour and marks.</param>
internal sealed record ReportSeries(DimensionReport Report, EmbeddingType Type, string Label, int Mark)
{
    /// <summary>Gets the rows, by rising number of dimensions.</summary>
    public IEnumerable<DimensionRow> Rows => Report.Rows.Where(row => row.Type == Type);

    /// <summary>Returns the lines of a comparison: by report, and then the finest type first.</summary>
    public static ReportSeries[] Of(DimensionComparison comparison)
    {
        bool hasSeveral = comparison.Reports.Count > 1;
        (DimensionReport Report, EmbeddingType Type)[] lines =
            [.. comparison.Reports.SelectMany(report => report.Types.Reverse().Select(type => (report, type)))];
        return
        [
            .. lines.Select((line, i) => new ReportSeries(
                line.Report,
                line.Type,
                !comparison.HasTypes ? line.Report.Name
                    : hasSeveral ? $"{line.Report.Name}, {EmbeddingTypes.Name(line.Type)}"
                    : EmbeddingTypes.Name(line.Type),
                hasSeveral ? i : MarkOf(line.Type))),
        ];
    }

    /// <summary>Returns the mark of a type where there is one report alone, the same on every page.</summary>
    public static int MarkOf(EmbeddingType type) => (int)type;
}
