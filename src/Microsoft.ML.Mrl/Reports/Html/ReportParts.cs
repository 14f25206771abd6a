using System.Text;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Writes the parts that a page and a notebook cell share, besides charts and tables.</summary>
internal static class ReportParts
{
    /// <summary>Returns the lines of a comparison's charts with their colours and marks.</summary>
    public static string Legend(IReadOnlyList<ReportSeries> lines) => Legend("Lines", lines.Select(line => (line.Label, line.Mark)));

    /// <summary>Returns the recommendation: its choice in large type, the summary and the savings.</summary>
    public static string Advice(DimensionRecommendation advice, Func<EmbeddingType, int> mark)
    {
        RecommendationRow full = advice.Rows[^1];
        EmbeddingType? shown = advice.Chosen?.Type ?? (advice.HasTypes ? null : EmbeddingType.Single);
        var html = new StringBuilder("<h3 class=\"system\">").Append(shown is { } type ? SeriesMark.Sample(mark(type)) + " " : "")
            .Append(Markup.Escape(advice.Name)).Append("</h3>\n<p class=\"number\"><b>");
        string ofFull = $" of {Markup.Whole(full.Dimensions)} dimensions</p>\n";
        if (!advice.HasTypes)
        {
            html.Append(advice.Dimensions is { } m ? Markup.Whole(m) : "–").Append("</b>").Append(ofFull);
        }
        else if (advice.Chosen is { } choice)
        {
            html.Append(Markup.Whole(choice.BytesPerVector)).Append("</b> bytes per vector: ").Append(EmbeddingTypes.Name(choice.Type))
                .Append(" at ")
                .Append(Markup.Whole(choice.Dimensions)).Append(ofFull);
        }
        else
        {
            html.Append("–</b></p>\n");
        }
        html.Append("<p>").Append(Markup.Escape(advice.Summary)).Append("</p>\n");
        if (advice.Chosen is not { } chosen)
        {
            return html.ToString();
        }
        html.Append("<dl class=\"stats\">\n");
        AppendStat("Quality kept", RecommendationText.Percent(chosen.Share));
        string all = Markup.Whole(full.BytesPerVector);
        AppendStat("Per million vectors", chosen == full ? $"{all} MB" : $"{Markup.Whole(chosen.BytesPerVector)} MB instead of {all} MB");
        if (chosen != full)
        {
            AppendStat("Smaller by", Markup.Text($"{(double)full.BytesPerVector / chosen.BytesPerVector:0.#}×"));
        }
        return html.Append("</dl>\n").ToString();

        void AppendStat(string name, string value)
            => html.Append("<div><dt>").Append(Markup.Escape(name)).Append("</dt><dd>").Append(Markup.Escape(value))
                .Append("</dd></div>\n");
    }

    /// <summary>Returns the caption of the chart of shares, below a legend where there are several types.</summary>
    public static string SharesCaption(DimensionRecommendation advice, Func<EmbeddingType, int> mark)
    {
        IEnumerable<EmbeddingType> types = advice.Rows.Select(row => row.Type).Distinct().Reverse();
        string legend = advice.HasTypes ? Legend("Types", types.Select(type => (EmbeddingTypes.Name(type), mark(type)))) : "";
        string intervals = advice.Resamples > 0 ? $", with {RecommendationText.Level(advice.Confidence)} intervals" : "";
        return $"{legend}<figcaption>Share of the full width’s {Markup.Escape(advice.Metric)} kept{intervals}</figcaption>\n";
    }

    /// <summary>Returns a report's note and how many rows were skipped; empty if there is nothing to say.</summary>
    /// <param name="report">The report.</param>
    /// <param name="start">The start of the paragraph, unescaped.</param>
    public static string Note(DimensionReport report, string start)
    {
        if (report.Note.Length == 0)
        {
            return "";
        }
        string skipped = report.Skipped == 0 ? "" : $"{Markup.Whole(report.Skipped)} skipped. ";
        return $"<p class=\"note\">{Markup.Escape(start)}{skipped}{Markup.Escape(report.Note)}.</p>\n";
    }

    private static string Legend(string label, IEnumerable<(string Text, int Mark)> items)
    {
        var html = new StringBuilder($"<ul class=\"legend\" aria-label=\"{label}\">\n");
        foreach ((string text, int mark) in items)
        {
            html.Append("<li>").Append(SeriesMark.Sample(mark)).Append(' ').Append(Markup.Escape(text)).Append("</li>\n");
        }
        return html.Append("</ul>\n").ToString();
    }
}
