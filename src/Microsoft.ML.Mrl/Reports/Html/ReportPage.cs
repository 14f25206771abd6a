using System.Text;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Writes the page of a comparison.</summary>
/// <param name="comparison">The reports.</param>
/// <param name="recommendations">The recommendations to show, which <see cref="Check"/> accepts.</param>
/// <param name="title">The title, or null for one that names the primary metric.</param>
internal sealed class ReportPage(DimensionComparison comparison, IReadOnlyList<DimensionRecommendation> recommendations, string? title)
{
    private readonly StringBuilder _html = new();
    private readonly ReportCharts _charts = new(comparison, recommendations);

    /// <summary>Checks that every recommendation was made for one of the reports, and at most one for each.</summary>
    /// <exception cref="ArgumentException">A recommendation does not belong to the comparison.</exception>
    public static void Check(
        DimensionComparison comparison, IReadOnlyList<DimensionRecommendation> recommendations, string parameterName)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (DimensionRecommendation advice in recommendations)
        {
            ArgumentNullException.ThrowIfNull(advice, parameterName);
            DimensionReport? report = comparison.Reports.FirstOrDefault(report => report.Name == advice.Name);
            if (report is null || advice.Task != report.Task || advice.FullDimensions != report.FullDimensions)
            {
                IEnumerable<string> known = comparison.Reports.Select(
                    known => $"'{known.Name}' ({known.Task}, {known.FullDimensions} dimensions)");
                throw new ArgumentException(
                    $"The recommendation for '{advice.Name}' ({advice.Task}, {advice.FullDimensions} dimensions) " +
                    "belongs to none of the reports. " +
                    $"Give recommendations for: {string.Join(", ", known)}.",
                    parameterName);
            }
            if (!advice.Rows.Select(row => (row.Type, row.Dimensions)).SequenceEqual(report.Rows.Select(row => (row.Type, row.Dimensions))))
            {
                throw new ArgumentException(
                    $"The recommendation for '{advice.Name}' was made for another report: its types and dimensions differ. " +
                    "Make one for this report.",
                    parameterName);
            }
            if (!seen.Add(advice.Name))
            {
                throw new ArgumentException(
                    $"Two recommendations are for '{advice.Name}'. Give at most one for each report.",
                    parameterName);
            }
        }
    }

    private bool HasSeveral => comparison.Reports.Count > 1;

    public string Write()
    {
        string heading = title ?? $"{comparison.PrimaryMetric} by dimension{(comparison.HasTypes ? " and type" : "")}";
        WriteHead(heading);
        WriteHeader(heading);
        _html.Append("<main>\n");
        WriteRecommendations();
        WriteCharts();
        WriteTables();
        WriteMethod();
        return _html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private void WriteHead(string heading)
        => _html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append(
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
                "<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
            .Append("<title>").Append(Markup.Escape(heading)).Append("</title>\n<style>\n").Append(PageStyle.Css)
                .Append("</style>\n</head>\n<body>\n");

    private void WriteHeader(string heading)
    {
        MatryoshkaDimensions dimensions = comparison.Dimensions;
        string facts = string.Join(" · ", (string[])
        [
            HasSeveral ? $"{comparison.Reports.Count} reports" : comparison.Reports[0].Name,
            ReportText.Subject(comparison),
            dimensions.Count == 1
                ? $"{dimensions[0]} dimensions"
                : $"{dimensions.Count} dimensions from {dimensions.Smallest} to {dimensions.Largest}",
            .. comparison.HasTypes ? (string[])[string.Join(", ", comparison.Types.Reverse().Select(EmbeddingTypes.Name))] : [],
        ]);
        _html.Append("<header>\n<p class=\"eyebrow\">Matryoshka embeddings · ").Append(Markup.Escape(comparison.Task))
            .Append("</p>\n<h1>").Append(Markup.Escape(heading)).Append("</h1>\n<p class=\"facts\">").Append(Markup.Escape(facts))
                .Append("</p>\n</header>\n");
    }

    private void WriteRecommendations()
    {
        if (recommendations.Count == 0)
        {
            return;
        }
        _html.Append("<section aria-labelledby=\"advice\">\n<h2 id=\"advice\">Recommendation</h2>\n");
        foreach (DimensionRecommendation advice in recommendations)
        {
            Func<EmbeddingType, int> mark = type => _charts.MarkOf(advice, type);
            _html.Append("<article class=\"card advice\">\n<div>\n").Append(ReportParts.Advice(advice, mark)).Append("</div>\n<figure>\n")
                .Append(ReportParts.SharesCaption(advice, mark)).Append(_charts.Shares(advice)).Append("</figure>\n</article>\n");
        }
        _html.Append("</section>\n");
    }

    private void WriteCharts()
    {
        string primary = comparison.PrimaryMetric;
        _html.Append("<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Quality by dimension and by storage</h2>\n")
            .Append(ReportParts.Legend(_charts.Lines)).Append("<div class=\"pair\">\n");
        WriteFigure($"{primary} by dimension", _charts.ByDimension(primary));
        WriteFigure($"{primary} by storage", _charts.ByBytes(primary));
        _html.Append("</div>\n");
        string[] others = [.. comparison.Reports.SelectMany(report => report.Metrics).Distinct().Where(metric => metric != primary)];
        if (others.Length > 0)
        {
            _html.Append("<div class=\"several\">\n");
            foreach (string metric in others)
            {
                WriteFigure(
                    $"{metric} by {(comparison.HasTypes ? "storage" : "dimension")}",
                    comparison.HasTypes ? _charts.ByBytes(metric) : _charts.ByDimension(metric));
            }
            _html.Append("</div>\n");
        }
        _html.Append("</section>\n");
    }

    private void WriteFigure(string caption, string chart)
        => _html.Append("<figure class=\"card\">\n<figcaption>").Append(Markup.Escape(caption)).Append("</figcaption>\n").Append(chart)
            .Append("</figure>\n");

    private void WriteTables()
    {
        _html.Append("<section aria-labelledby=\"numbers\">\n<h2 id=\"numbers\">Values</h2>\n");
        if (HasSeveral)
        {
            _html.Append("<div class=\"card\">\n").Append(ReportTables.SideBySide(comparison, _charts.Lines)).Append("</div>\n");
        }
        foreach (DimensionReport report in comparison.Reports)
        {
            _html.Append("<div class=\"card\">\n")
                .Append(ReportTables.Details(report, recommendations.FirstOrDefault(advice => advice.Name == report.Name)))
                .Append(ReportParts.Note(report, "")).Append("</div>\n");
        }
        if (!comparison.HasTypes)
        {
            _html.Append("<div class=\"card\">\n").Append(ReportTables.Storage(comparison)).Append("</div>\n");
        }
        _html.Append("</section>\n");
    }

    private void WriteMethod()
    {
        _html.Append("<footer>\n<h2>How to read this page</h2>\n<ul>\n");
        if (comparison.HasTypes)
        {
            _html.Append(
                "<li>For each number of dimensions, every vector was cut to its first values, rescaled to unit length and quantized. ")
                .Append(
                    "Vectors were compared by the cosine of what the quantized values stand for: " +
                    "±1 for a bit, a value of its dimension’s range for a signed byte.</li>\n")
                .Append(
                    "<li>Bytes are those of the values alone, without ids, an index, or the ranges that signed bytes need once.</li>\n");
        }
        else
        {
            _html.Append(
                "<li>For each number of dimensions, every vector was cut to its first values and rescaled to unit length, " +
                "and vectors were compared by cosine. ")
                .Append("Only a linear probe reads the cut values as they are.</li>\n")
                .Append(
                    "<li>All quality was measured in float32. " +
                    "To measure what rounding to other types loses, name them in the <code>Types</code> " +
                    "of the evaluation’s options.</li>\n");
        }
        _html.Append("<li>Vertical axes need not start at 0.</li>\n");
        DimensionRecommendation[] withIntervals = [.. recommendations.Where(advice => advice.Resamples > 0)];
        if (withIntervals.Length > 0)
        {
            string resamples = string.Join(" or ", withIntervals.Select(advice => Markup.Whole(advice.Resamples)).Distinct());
            _html.Append("<li>Intervals come from a paired percentile bootstrap over ").Append(ReportTasks.Rows(comparison.Task))
                .Append(" with ").Append(resamples).Append(" resamples. ")
                .Append(
                    "“Keeps” and “falls” mean that the whole interval lies on that side of the share asked for; " +
                    "“unsure” means that there are too few to tell.")
                .Append(
                    comparison.HasTypes
                        ? " Each interval belongs to one combination of type and dimensions, and the smallest of many was looked for."
                        : "").Append("</li>\n");
        }
        _html.Append("</ul>\n</footer>\n");
    }
}
