using System.Text;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Puts a comparison's page together.</summary>
internal sealed class ReportPage(DimensionComparison comparison, ReportPageOptions options)
{
    private readonly StringBuilder _html = new();
    private readonly ReportCharts _charts = new(comparison);

    private bool HasSeveral => comparison.Reports.Count > 1;

    public string Write()
    {
        string title = options.Title ?? $"{comparison.PrimaryMetric} by dimension";
        WriteHead(_html, title);
        WriteHeader(title);
        _html.Append("<main>\n");
        WriteRecommendations();
        WriteCharts();
        WriteTables();
        WriteMethod();
        return _html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    /// <summary>All that comes before a page's header.</summary>
    internal static void WriteHead(StringBuilder html, string title)
        => html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
            .Append("<title>").Append(Markup.Escape(title)).Append("</title>\n<style>\n").Append(PageStyle.Css).Append("</style>\n</head>\n<body>\n");

    private void WriteHeader(string title)
    {
        string facts = string.Join(" · ", (string[])
        [
            HasSeveral ? $"{comparison.Reports.Count} systems" : comparison.Reports[0].System,
            ComparisonText.Title(comparison)[(comparison.Task.Length + 2)..],
            comparison.Dimensions.Count == 1 ? $"{comparison.Dimensions[0]} dimensions" : $"{comparison.Dimensions.Count} dimensions from {comparison.Dimensions.Smallest} to {comparison.Dimensions.Largest}",
        ]);
        _html.Append("<header>\n<p class=\"eyebrow\">Matryoshka embeddings · ").Append(Markup.Escape(comparison.Task)).Append("</p>\n<h1>").Append(Markup.Escape(title))
            .Append("</h1>\n<p class=\"facts\">").Append(Markup.Escape(facts)).Append("</p>\n</header>\n");
    }

    private void WriteRecommendations()
    {
        if (options.Recommendations.Count == 0)
        {
            return;
        }
        _html.Append("<section aria-labelledby=\"advice\">\n<h2 id=\"advice\">Recommendation</h2>\n");
        foreach (DimensionRecommendation advice in options.Recommendations)
        {
            _html.Append("<article class=\"card advice\">\n<div>\n");
            _html.Append(ReportParts.Advice(advice, _charts.SystemOf(advice))).Append("</div>\n<figure>\n").Append(ReportParts.SharesCaption(advice))
                .Append(_charts.Shares(advice)).Append("</figure>\n</article>\n");
        }
        _html.Append("</section>\n");
    }

    private void WriteCharts()
    {
        string primary = Markup.Escape(comparison.PrimaryMetric);
        _html.Append("<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Quality at every length</h2>\n");
        _html.Append(ReportParts.Legend(comparison)).Append("<div class=\"pair\">\n<figure class=\"card\">\n<figcaption>").Append(primary).Append(" by dimension</figcaption>\n")
            .Append(_charts.ByDimension(comparison.PrimaryMetric)).Append("</figure>\n<figure class=\"card\">\n<figcaption>").Append(primary).Append(" by storage</figcaption>\n")
            .Append(_charts.ByBytes(comparison.PrimaryMetric)).Append("</figure>\n</div>\n");
        string[] others = [.. comparison.Reports.SelectMany(report => report.Metrics).Distinct().Where(metric => metric != comparison.PrimaryMetric)];
        if (others.Length > 0)
        {
            _html.Append("<div class=\"several\">\n");
            foreach (string metric in others)
            {
                _html.Append("<figure class=\"card\">\n<figcaption>").Append(Markup.Escape(metric)).Append("</figcaption>\n").Append(_charts.ByDimension(metric)).Append("</figure>\n");
            }
            _html.Append("</div>\n");
        }
        _html.Append("</section>\n");
    }

    private void WriteTables()
    {
        _html.Append("<section aria-labelledby=\"numbers\">\n<h2 id=\"numbers\">Numbers</h2>\n");
        if (HasSeveral)
        {
            _html.Append("<div class=\"card\">\n").Append(ReportTables.SideBySide(comparison)).Append("</div>\n");
        }
        foreach (DimensionReport report in comparison.Reports)
        {
            _html.Append("<div class=\"card\">\n").Append(ReportTables.Details(report, options.Recommendations.FirstOrDefault(advice => advice.System == report.System)));
            if (report.Note.Length > 0)
            {
                _html.Append("<p class=\"note\">").Append(Markup.Whole(report.Skipped)).Append(" skipped. ").Append(Markup.Escape(report.Note)).Append(".</p>\n");
            }
            _html.Append("</div>\n");
        }
        _html.Append("<div class=\"card\">\n").Append(ReportTables.Storage(comparison)).Append("</div>\n</section>\n");
    }

    private void WriteMethod()
    {
        _html.Append("<footer>\n<h2>How to read this</h2>\n<ul>\n")
            .Append("<li>At each dimension every vector was cut to its first values, then rescaled to unit length, and compared by cosine; a linear probe alone reads the cut values as they are.</li>\n")
            .Append("<li>Value axes need not start at 0: compare heights by the numbers.</li>\n")
            .Append("<li>All quality was measured in float32. The sizes of other value types are of the values alone; what rounding loses was not measured here, but can be: <code>EvaluateQuantizedRetrieval</code> and its like.</li>\n");
        DimensionRecommendation[] withIntervals = [.. options.Recommendations.Where(advice => advice.Resamples > 0)];
        if (withIntervals.Length > 0)
        {
            _html.Append(Markup.Text($"<li>Intervals are those of the paired percentile bootstrap over {Words.Rows(comparison.Task)}, {string.Join(" or ", withIntervals.Select(advice => Markup.Whole(advice.Resamples)).Distinct())} resamples. "))
                .Append("“Keeps” and “falls” say that the whole interval lies on that side of the share asked for; “unsure”, that there are too few to tell.</li>\n");
        }
        _html.Append("</ul>\n</footer>\n");
    }
}
