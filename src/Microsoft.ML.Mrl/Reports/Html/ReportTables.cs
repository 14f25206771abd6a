using System.Text;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>The tables of a comparison's page.</summary>
internal static class ReportTables
{
    /// <summary>The primary metric of all systems, the best of each dimension in bold.</summary>
    public static string SideBySide(DimensionComparison comparison)
    {
        var html = new StringBuilder(Open($"{comparison.PrimaryMetric} side by side", "The best of a line is in bold."));
        html.Append("<thead><tr><th scope=\"col\">Dimensions</th>");
        for (int i = 0; i < comparison.Reports.Count; i++)
        {
            html.Append("<th scope=\"col\">").Append(SeriesMark.Sample(i)).Append(' ').Append(Markup.Escape(comparison.Reports[i].System)).Append("</th>");
        }
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (int m in comparison.Dimensions)
        {
            AppendLine(Markup.Whole(m), [.. comparison.Reports.Select(report => report.Rows.FirstOrDefault(row => row.Dimensions == m)?[report.PrimaryMetric] ?? double.NaN)]);
        }
        html.Append("</tbody>\n<tfoot>\n");
        AppendLine("Mean", [.. comparison.Reports.Select(report => report.Score)]);
        return html.Append("</tfoot></table></div>\n").ToString();

        void AppendLine(string heading, double[] values)
        {
            double best = values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
            html.Append("<tr><th scope=\"row\">").Append(heading).Append("</th>");
            foreach (double value in values)
            {
                html.Append(value == best && values.Length > 1 ? "<td><strong>" : "<td>").Append(Markup.Metric(value)).Append(value == best && values.Length > 1 ? "</strong></td>" : "</td>");
            }
            html.Append("</tr>\n");
        }
    }

    /// <summary>All that is known of one system.</summary>
    public static string Details(DimensionReport report, DimensionRecommendation? advice)
    {
        bool hasIntervals = advice?.Resamples > 0;
        string[] headings =
        [
            "Dimensions",
            .. report.Metrics,
            "Of full",
            .. hasIntervals ? (string[])[RecommendationText.Level(advice!.Confidence) + " interval"] : [],
            .. advice is null ? (string[])[] : ["Verdict"],
        ];
        var html = new StringBuilder(Open(
            report.System, $"Every metric, and the share that is kept of the full width’s {advice?.Metric ?? report.PrimaryMetric}."));
        html.Append("<thead><tr>").AppendJoin("", headings.Select(heading => $"<th scope=\"col\">{Markup.Escape(heading)}</th>")).Append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < report.Rows.Count; i++)
        {
            DimensionRow row = report.Rows[i];
            RecommendationRow? judged = advice?.Rows[i];
            bool isChosen = advice is not null && advice.Dimensions == row.Dimensions;
            html.Append(isChosen ? "<tr class=\"pick\">" : "<tr>").Append("<th scope=\"row\">").Append(Markup.Whole(row.Dimensions))
                .Append(isChosen ? "<span class=\"tag\">choose</span>" : "").Append("</th>");
            foreach (string metric in report.Metrics)
            {
                Append(Markup.Metric(row[metric]));
            }
            Append(RecommendationText.Percent(judged?.Share ?? row.ShareOfFull));
            if (hasIntervals)
            {
                Append(Markup.Escape(RecommendationText.Interval(judged!)));
            }
            if (judged is not null)
            {
                Append(Verdict(judged.Verdict));
            }
            html.Append("</tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();

        void Append(string cell) => html.Append("<td>").Append(cell).Append("</td>");
    }

    /// <summary>A recommendation's shares and verdicts, with what vectors take.</summary>
    public static string Shares(DimensionRecommendation advice)
    {
        string[][] cells = RecommendationText.Cells(advice);
        var html = new StringBuilder(Open(
            $"{RecommendationText.Level(advice.Keep)} of the full width’s {advice.Metric}", "Verdicts on that share, and megabytes per million vectors by value type."));
        html.Append("<thead><tr>").AppendJoin("", cells[0].Select(heading => $"<th scope=\"col\">{Markup.Escape(heading)}</th>")).Append("</tr></thead>\n<tbody>\n");
        int verdict = Array.IndexOf(cells[0], "Verdict");
        foreach ((string[] line, RecommendationRow row) in cells.Skip(1).Zip(advice.Rows))
        {
            bool isChosen = advice.Dimensions == row.Dimensions;
            html.Append(isChosen ? "<tr class=\"pick\"><th scope=\"row\">" : "<tr><th scope=\"row\">").Append(line[0]).Append(isChosen ? "<span class=\"tag\">choose</span></th>" : "</th>");
            for (int i = 1; i < line.Length; i++)
            {
                html.Append("<td>").Append(i == verdict ? Verdict(row.Verdict) : Markup.Escape(line[i])).Append("</td>");
            }
            html.Append("</tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    /// <summary>What vectors of each dimension take, by value type.</summary>
    public static string Storage(DimensionComparison comparison)
    {
        var html = new StringBuilder(Open("Storage", "Megabytes per million vectors, which are bytes per vector, by value type: the values alone, without an index."));
        html.Append("<thead><tr>").AppendJoin("", ((string[])["Dimensions", "float32", "float16", "int8", "binary"]).Select(heading => $"<th scope=\"col\">{heading}</th>")).Append("</tr></thead>\n<tbody>\n");
        foreach (int m in comparison.Dimensions)
        {
            var storage = new VectorStorage(m);
            html.Append("<tr><th scope=\"row\">").Append(Markup.Whole(m)).Append("</th>");
            foreach (long bytes in (long[])[storage.Float32Bytes, storage.Float16Bytes, storage.Int8Bytes, storage.BinaryBytes])
            {
                html.Append("<td>").Append(Markup.Whole(bytes)).Append("</td>");
            }
            html.Append("</tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    internal static string Verdict(KeepVerdict verdict) => verdict switch
    {
        KeepVerdict.Keeps => "<span class=\"verdict keeps\">✓ keeps</span>",
        KeepVerdict.Unsure => "<span class=\"verdict unsure\">? unsure</span>",
        KeepVerdict.Falls => "<span class=\"verdict falls\">✕ falls</span>",
        _ => "–",
    };

    internal static string Open(string heading, string explanation)
        => $"<h3>{Markup.Escape(heading)}</h3>\n<p class=\"note\">{Markup.Escape(explanation)}</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Markup.Escape(heading)}\"><table>\n";
}
