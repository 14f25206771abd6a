using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.Reports.Html;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports.Notebook;

/// <summary>A part of a document, such as the output of a notebook's cell: a chart and a table, whose style touches nothing around it.</summary>
internal static class ReportFragment
{
    /// <summary>The fragment of a report, a comparison or a recommendation; null for any other object.</summary>
    public static string? Write(object instance) => instance switch
    {
        DimensionReport report => Write(new DimensionComparison(report)),
        DimensionComparison comparison => Write(comparison),
        DimensionRecommendation advice => Write(advice),
        QuantizationReport report => Write(report),
        QuantizationRecommendation advice => Write(advice),
        _ => null,
    };

    private static string Write(DimensionComparison comparison)
    {
        var charts = new ReportCharts(comparison, IdPrefix(comparison.ToCsv()));
        bool hasSeveral = comparison.Reports.Count > 1;
        var html = new StringBuilder(Open(ComparisonText.Title(comparison)));
        html.Append(hasSeveral ? ReportParts.Legend(comparison) : "").Append("<div class=\"beside\">\n<figure>\n<figcaption>").Append(Markup.Escape(comparison.PrimaryMetric)).Append(" by dimension</figcaption>\n")
            .Append(charts.ByDimension(comparison.PrimaryMetric)).Append("</figure>\n<div class=\"wide\">\n")
            .Append(hasSeveral ? ReportTables.SideBySide(comparison) : ReportTables.Details(comparison.Reports[0], null)).Append("</div>\n</div>\n");
        foreach (DimensionReport report in comparison.Reports.Where(report => report.Note.Length > 0))
        {
            html.Append("<p class=\"note\">").Append(hasSeveral ? Markup.Escape(report.System) + ": " : "").Append(Markup.Whole(report.Skipped)).Append(" skipped. ").Append(Markup.Escape(report.Note)).Append(".</p>\n");
        }
        return html.Append("</div>\n").ToString();
    }

    private static string Write(DimensionRecommendation advice)
    {
        var html = new StringBuilder(Open($"{advice.Task}: {advice.Metric} over {advice.Count} {Words.Rows(advice.Task)}"));
        return html.Append("<div class=\"beside\">\n<div>\n").Append(ReportParts.Advice(advice, 0)).Append("</div>\n<figure>\n").Append(ReportParts.SharesCaption(advice))
            .Append(ReportCharts.Shares(advice, 0, IdPrefix(advice.ToString()) + "1")).Append("</figure>\n</div>\n").Append(ReportTables.Shares(advice)).Append("</div>\n").ToString();
    }

    private static string Write(QuantizationReport report)
    {
        var html = new StringBuilder(Open(QuantizationText.Title(report)));
        return html.Append(QuantizationParts.Legend(report.Types)).Append("<div class=\"beside\">\n<figure>\n<figcaption>").Append(Markup.Escape(report.PrimaryMetric)).Append(" by storage</figcaption>\n")
            .Append(QuantizationCharts.ByBytes(report, report.PrimaryMetric, null, IdPrefix(report.ToCsv()) + "1")).Append("</figure>\n<div class=\"wide\">\n")
            .Append(QuantizationParts.Table(report, null)).Append("</div>\n</div>\n</div>\n").ToString();
    }

    private static string Write(QuantizationRecommendation advice)
    {
        var html = new StringBuilder(Open($"{advice.Task}: {advice.Metric} over {advice.Count} {Words.Rows(advice.Task)}"));
        return html.Append("<div class=\"beside\">\n<div>\n").Append(QuantizationParts.Advice(advice)).Append("</div>\n<figure>\n").Append(QuantizationParts.SharesCaption(advice))
            .Append(QuantizationCharts.Shares(advice, IdPrefix(advice.ToString()) + "1")).Append("</figure>\n</div>\n").Append(QuantizationParts.Shares(advice)).Append("</div>\n").ToString();
    }

    private static string Open(string title) => $"<div class=\"{FragmentStyle.Root}\">\n<style>\n{FragmentStyle.Css}</style>\n<p class=\"facts\">{Markup.Escape(title)}</p>\n";

    // Several fragments share a document; equal ones may share ids, for they say the same.
    private static string IdPrefix(string content) => $"mrl-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 6))}-";
}
