using System.Text;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Writes the tables of a page.</summary>
internal static class ReportTables
{
    /// <summary>Returns the primary metric of all reports, the best value of each line in bold.</summary>
    public static string SideBySide(DimensionComparison comparison, IReadOnlyList<ReportSeries> lines)
    {
        var html = new StringBuilder(Open($"{comparison.PrimaryMetric} side by side", "The best value of a line is in bold."));
        html.Append("<thead><tr><th scope=\"col\">Dimensions</th>").Append(comparison.HasTypes ? "<th scope=\"col\">Type</th>" : "");
        foreach (DimensionReport report in comparison.Reports)
        {
            string mark = comparison.HasTypes ? "" : SeriesMark.Sample(lines.First(line => line.Report == report).Mark) + " ";
            html.Append("<th scope=\"col\">").Append(mark).Append(Markup.Escape(report.Name)).Append("</th>");
        }
        html.Append("</tr></thead>\n<tbody>\n");
        foreach ((EmbeddingType type, int m, DimensionRow?[] rows) in comparison.Lines())
        {
            AppendLine(Markup.Whole(m), type, [.. rows.Select(row => row?[comparison.PrimaryMetric] ?? double.NaN)]);
        }
        html.Append("</tbody>\n<tfoot>\n");
        AppendLine("Mean", EmbeddingType.Single, [.. comparison.Reports.Select(report => report.Score)]);
        return html.Append("</tfoot></table></div>\n").ToString();

        void AppendLine(string heading, EmbeddingType type, double[] values)
        {
            double best = values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
            html.Append("<tr><th scope=\"row\">").Append(heading).Append("</th>")
                .Append(comparison.HasTypes ? $"<td>{EmbeddingTypes.Name(type)}</td>" : "");
            foreach (double value in values)
            {
                bool isBest = value == best && values.Count(double.IsFinite) > 1;
                html.Append(isBest ? "<td><strong>" : "<td>").Append(Markup.Metric(value)).Append(isBest ? "</strong></td>" : "</td>");
            }
            html.Append("</tr>\n");
        }
    }

    /// <summary>Returns all values of one report and, where there is a recommendation, its intervals and verdicts.</summary>
    public static string Details(DimensionReport report, DimensionRecommendation? advice)
    {
        bool hasIntervals = advice?.Resamples > 0;
        string[] headings =
        [
            "Dimensions",
            .. report.HasTypes ? (string[])["Type", "Bytes"] : [],
            .. report.Metrics,
            "Of full",
            .. hasIntervals ? (string[])[RecommendationText.Level(advice!.Confidence) + " interval"] : [],
            .. advice is null ? (string[])[] : ["Verdict"],
        ];
        string inFull = report.HasTypes ? " in float32" : "";
        var html = new StringBuilder(Open(
            report.Name,
            $"Every metric, and the share that is kept of the full width’s {advice?.Metric ?? report.PrimaryMetric}{inFull}."));
        AppendHeadings(html, headings);
        for (int i = 0; i < report.Rows.Count; i++)
        {
            DimensionRow row = report.Rows[i];
            RecommendationRow? judged = advice?.Rows[i];
            AppendStart(html, Markup.Whole(row.Dimensions), judged is not null && judged == advice!.Chosen);
            string[] cells =
            [
                .. report.HasTypes ? (string[])[EmbeddingTypes.Name(row.Type), Markup.Whole(row.BytesPerVector)] : [],
                .. report.Metrics.Select(metric => Markup.Metric(row[metric])),
                RecommendationText.Percent(judged?.Share ?? row.ShareOfFull),
                .. hasIntervals ? (string[])[Markup.Escape(RecommendationText.Interval(judged!))] : [],
                .. judged is null ? (string[])[] : [Verdict(judged.Verdict)],
            ];
            html.Append("<td>").AppendJoin("</td><td>", cells).Append("</td></tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    /// <summary>Returns a recommendation's shares and verdicts, with the bytes that vectors take.</summary>
    public static string Shares(DimensionRecommendation advice)
    {
        string[][] cells = RecommendationText.Cells(advice);
        var html = new StringBuilder(Open(
            $"{RecommendationText.Level(advice.Keep)} of the full width’s {advice.Metric}",
            advice.HasTypes
                ? "The verdict on each share, the fewest bytes first."
                : "The verdict on each share, and megabytes per million vectors by type."));
        AppendHeadings(html, cells[0]);
        int verdict = Array.IndexOf(cells[0], "Verdict");
        foreach ((string[] line, RecommendationRow row) in cells.Skip(1).Zip(RecommendationText.Ordered(advice)))
        {
            AppendStart(html, line[0], row == advice.Chosen);
            html.Append("<td>")
                .AppendJoin("</td><td>", line.Skip(1).Select((cell, i) => i + 1 == verdict ? Verdict(row.Verdict) : Markup.Escape(cell)));
            html.Append("</td></tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    /// <summary>Returns the bytes of vectors of each number of dimensions, by type.</summary>
    public static string Storage(DimensionComparison comparison)
    {
        EmbeddingType[] types = Enum.GetValues<EmbeddingType>();
        var html = new StringBuilder(Open(
            "Storage",
            "Megabytes per million vectors, which equal bytes per vector, by type. Only the values are counted, without an index."));
        AppendHeadings(html, ["Dimensions", .. types.Select(EmbeddingTypes.Name)]);
        foreach (int m in comparison.Dimensions)
        {
            AppendStart(html, Markup.Whole(m), isChosen: false);
            html.Append("<td>").AppendJoin("</td><td>", types.Select(type => Markup.Whole(EmbeddingTypes.Bytes(type, m))))
                .Append("</td></tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    private static void AppendHeadings(StringBuilder html, IEnumerable<string> headings)
        => html.Append("<thead><tr>").AppendJoin("", headings.Select(heading => $"<th scope=\"col\">{Markup.Escape(heading)}</th>"))
            .Append("</tr></thead>\n<tbody>\n");

    private static void AppendStart(StringBuilder html, string heading, bool isChosen)
        => html.Append(isChosen ? "<tr class=\"pick\">" : "<tr>").Append("<th scope=\"row\">").Append(heading)
            .Append(isChosen ? "<span class=\"tag\">choose</span></th>" : "</th>");

    private static string Verdict(KeepVerdict verdict) => verdict switch
    {
        KeepVerdict.Keeps => "<span class=\"verdict keeps\">✓ keeps</span>",
        KeepVerdict.Unsure => "<span class=\"verdict unsure\">? unsure</span>",
        KeepVerdict.Falls => "<span class=\"verdict falls\">✕ falls</span>",
        _ => "–",
    };

    private static string Open(string heading, string explanation)
        => $"<h3>{Markup.Escape(heading)}</h3>\n<p class=\"note\">{Markup.Escape(explanation)}</p>\n"
            + $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Markup.Escape(heading)}\"><table>\n";
}
