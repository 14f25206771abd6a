using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.Reports.Html;

namespace Microsoft.ML.Mrl.Reports.Notebook;

/// <summary>
/// Writes a part of a document, such as the output of a notebook cell: a chart and a table whose style does not affect the rest of the
/// document.
/// </summary>
internal static class ReportFragment
{
    /// <summary>Returns the fragment of a report, a comparison or a recommendation, or null for any other object.</summary>
    public static string? Write(object instance) => instance switch
    {
        DimensionReport report => Write(new DimensionComparison(report)),
        DimensionComparison comparison => Write(comparison),
        DimensionRecommendation advice => Write(advice),
        _ => null,
    };

    private static string Write(DimensionComparison comparison)
    {
        var charts = new ReportCharts(comparison, [], IdPrefix(comparison.ToCsv()));
        bool hasSeveral = comparison.Reports.Count > 1;
        string metric = comparison.PrimaryMetric;
        var html = new StringBuilder(Open(ReportText.Title(comparison)))
            .Append(charts.Lines.Count > 1 ? ReportParts.Legend(charts.Lines) : "").Append("<div class=\"beside\">\n<figure>\n<figcaption>")
            .Append(Markup.Escape(metric)).Append(comparison.HasTypes ? " by storage" : " by dimension").Append("</figcaption>\n")
            .Append(comparison.HasTypes ? charts.ByBytes(metric) : charts.ByDimension(metric)).Append("</figure>\n<div class=\"wide\">\n")
            .Append(hasSeveral ? ReportTables.SideBySide(comparison, charts.Lines) : ReportTables.Details(comparison.Reports[0], null))
                .Append("</div>\n</div>\n");
        foreach (DimensionReport report in comparison.Reports)
        {
            html.Append(ReportParts.Note(report, hasSeveral ? report.Name + ": " : ""));
        }
        return html.Append("</div>\n").ToString();
    }

    private static string Write(DimensionRecommendation advice)
    {
        Func<EmbeddingType, int> mark = ReportSeries.MarkOf;
        return new StringBuilder(Open($"{advice.Task}: {advice.Metric} over {advice.Count} {ReportTasks.Rows(advice.Task)}"))
            .Append("<div class=\"beside\">\n<div>\n").Append(ReportParts.Advice(advice, mark)).Append("</div>\n<figure>\n")
            .Append(ReportParts.SharesCaption(advice, mark)).Append(ReportCharts.Shares(advice, mark, IdPrefix(advice.ToString()) + "1"))
            .Append("</figure>\n</div>\n").Append(ReportTables.Shares(advice)).Append("</div>\n").ToString();
    }

    private static string Open(string title)
        => $"<div class=\"{FragmentStyle.Root}\">\n<style>\n{FragmentStyle.Css}</style>\n<p class=\"facts\">{Markup.Escape(title)}</p>\n";

    // Several fragments share a document; equal ones may share ids, for they say the same.
    private static string IdPrefix(string content)
        => $"mrl-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 6))}-";
}
