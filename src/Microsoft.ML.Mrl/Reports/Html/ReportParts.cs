using System.Text;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>What a page and a notebook's cell both show beside charts and tables.</summary>
internal static class ReportParts
{
    /// <summary>The systems with their colours and marks.</summary>
    public static string Legend(DimensionComparison comparison)
    {
        var html = new StringBuilder("<ul class=\"legend\" aria-label=\"Systems\">\n");
        for (int i = 0; i < comparison.Reports.Count; i++)
        {
            html.Append("<li>").Append(SeriesMark.Sample(i)).Append(' ').Append(Markup.Escape(comparison.Reports[i].System)).Append("</li>\n");
        }
        return html.Append("</ul>\n").ToString();
    }

    /// <summary>The recommended dimension, large, with the summary and what is saved.</summary>
    public static string Advice(DimensionRecommendation advice, int system)
    {
        RecommendationRow full = advice.Rows[^1];
        RecommendationRow? chosen = advice.Dimensions is { } m ? advice.Rows.First(row => row.Dimensions == m) : null;
        var html = new StringBuilder("<h3 class=\"system\">").Append(SeriesMark.Sample(system)).Append(' ').Append(Markup.Escape(advice.System)).Append("</h3>\n")
            .Append("<p class=\"number\"><b>").Append(chosen is null ? "–" : Markup.Whole(chosen.Dimensions)).Append("</b> of ").Append(Markup.Whole(full.Dimensions)).Append(" dimensions</p>\n")
            .Append("<p>").Append(Markup.Escape(advice.Summary)).Append("</p>\n");
        if (chosen is null)
        {
            return html.ToString();
        }
        html.Append("<dl class=\"stats\">\n");
        AppendStat("Quality kept", RecommendationText.Percent(chosen.Share));
        AppendStat(
            "Per million vectors",
            chosen == full ? $"{Markup.Whole(full.Storage.Float32Bytes)} MB" : $"{Markup.Whole(chosen.Storage.Float32Bytes)} MB, not {Markup.Whole(full.Storage.Float32Bytes)}");
        if (chosen != full)
        {
            AppendStat("Smaller by", Markup.Text($"{(double)full.Dimensions / chosen.Dimensions:0.#}×"));
        }
        return html.Append("</dl>\n").ToString();

        void AppendStat(string name, string value)
            => html.Append("<div><dt>").Append(Markup.Escape(name)).Append("</dt><dd>").Append(Markup.Escape(value)).Append("</dd></div>\n");
    }

    /// <summary>What stands over the chart of shares.</summary>
    public static string SharesCaption(DimensionRecommendation advice)
        => $"<figcaption>Share of the full width’s {Markup.Escape(advice.Metric)} kept{(advice.Resamples > 0 ? $", with {RecommendationText.Level(advice.Confidence)} intervals" : "")}</figcaption>\n";
}
