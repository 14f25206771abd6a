using System.Text;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>What the page of a quantization report and a notebook's cell both show beside charts.</summary>
internal static class QuantizationParts
{
    /// <summary>The position that chooses a type's colour and marks, the same in every chart.</summary>
    public static int Mark(EmbeddingType type) => (int)type;

    /// <summary>The types with their colours and marks, the finest first.</summary>
    public static string Legend(IReadOnlyList<EmbeddingType> types)
    {
        var html = new StringBuilder("<ul class=\"legend\" aria-label=\"Types\">\n");
        foreach (EmbeddingType type in types.Reverse())
        {
            html.Append("<li>").Append(SeriesMark.Sample(Mark(type))).Append(' ').Append(EmbeddingTypes.Name(type)).Append("</li>\n");
        }
        return html.Append("</ul>\n").ToString();
    }

    /// <summary>What is recommended, large, with the summary and what is saved.</summary>
    public static string Advice(QuantizationRecommendation advice)
    {
        QuantizationRecommendationRow full = advice.Rows[^1];
        var html = new StringBuilder("<h3 class=\"system\">");
        html.Append(advice.Chosen is { } choice ? SeriesMark.Sample(Mark(choice.Type)) + " " : "").Append(Markup.Escape(advice.System)).Append("</h3>\n");
        if (advice.Chosen is not { } chosen)
        {
            return html.Append("<p class=\"number\"><b>–</b></p>\n<p>").Append(Markup.Escape(advice.Summary)).Append("</p>\n").ToString();
        }
        html.Append("<p class=\"number\"><b>").Append(Markup.Whole(chosen.BytesPerVector)).Append("</b> bytes per vector: ").Append(EmbeddingTypes.Name(chosen.Type)).Append(" at ")
            .Append(Markup.Whole(chosen.Dimensions)).Append(" of ").Append(Markup.Whole(full.Dimensions)).Append(" dimensions</p>\n<p>").Append(Markup.Escape(advice.Summary)).Append("</p>\n<dl class=\"stats\">\n");
        AppendStat("Quality kept", RecommendationText.Percent(chosen.Share));
        AppendStat("Per million vectors", chosen == full ? $"{Markup.Whole(full.BytesPerVector)} MB" : $"{Markup.Whole(chosen.BytesPerVector)} MB, not {Markup.Whole(full.BytesPerVector)}");
        if (chosen != full)
        {
            AppendStat("Smaller by", Markup.Text($"{(double)full.BytesPerVector / chosen.BytesPerVector:0.#}×"));
        }
        return html.Append("</dl>\n").ToString();

        void AppendStat(string name, string value)
            => html.Append("<div><dt>").Append(Markup.Escape(name)).Append("</dt><dd>").Append(Markup.Escape(value)).Append("</dd></div>\n");
    }

    /// <summary>What stands over the chart of shares.</summary>
    public static string SharesCaption(QuantizationRecommendation advice)
        => Legend([.. advice.Rows.Select(row => row.Type).Distinct()]) + $"<figcaption>Share of the full width’s {Markup.Escape(advice.Metric)} kept{(advice.Resamples > 0 ? $", with {RecommendationText.Level(advice.Confidence)} intervals" : "")}</figcaption>\n";

    /// <summary>All numbers of a report.</summary>
    public static string Table(QuantizationReport report, QuantizationRecommendation? advice)
    {
        string[][] cells = QuantizationText.Cells(report);
        return Write(
            report.System,
            $"Every metric, and the share that is kept of the full width’s {report.PrimaryMetric} in float32.",
            cells[0],
            [.. cells.Skip(1).Zip(report.Rows).Select(pair => (pair.First, advice?.Chosen is { } chosen && chosen.Type == pair.Second.Type && chosen.Dimensions == pair.Second.Dimensions, (KeepVerdict?)null))]);
    }

    /// <summary>A recommendation's shares and verdicts, by rising bytes.</summary>
    public static string Shares(QuantizationRecommendation advice)
    {
        string[][] cells = QuantizationText.Cells(advice);
        return Write(
            $"{RecommendationText.Level(advice.Keep)} of the full width’s {advice.Metric}",
            "Verdicts on that share, the fewest bytes first.",
            cells[0],
            [.. cells.Skip(1).Zip(QuantizationText.ByBytes(advice)).Select(pair => (pair.First, pair.Second == advice.Chosen, (KeepVerdict?)pair.Second.Verdict))]);
    }

    private static string Write(string heading, string explanation, string[] headings, IReadOnlyList<(string[] Cells, bool IsChosen, KeepVerdict? Verdict)> lines)
    {
        var html = new StringBuilder(ReportTables.Open(heading, explanation));
        html.Append("<thead><tr>").AppendJoin("", headings.Select(text => $"<th scope=\"col\">{Markup.Escape(text)}</th>")).Append("</tr></thead>\n<tbody>\n");
        foreach ((string[] cells, bool isChosen, KeepVerdict? verdict) in lines)
        {
            html.Append(isChosen ? "<tr class=\"pick\">" : "<tr>").Append("<th scope=\"row\">").Append(Markup.Escape(cells[0])).Append(isChosen ? "<span class=\"tag\">choose</span>" : "").Append("</th>");
            for (int i = 1; i < cells.Length; i++)
            {
                html.Append("<td>").Append(verdict is { } known && i == cells.Length - 1 ? ReportTables.Verdict(known) : Markup.Escape(cells[i])).Append("</td>");
            }
            html.Append("</tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }
}
