using System.Text;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Puts a quantization report's page together.</summary>
internal sealed class QuantizationPage(QuantizationReport report, QuantizationRecommendation? advice, string? title)
{
    private readonly StringBuilder _html = new();
    private int _charts;

    public string Write()
    {
        string heading = title ?? $"{report.PrimaryMetric} by dimension and type";
        ReportPage.WriteHead(_html, heading);
        string facts = string.Join(" · ", (string[])
        [
            report.System,
            $"{report.PrimaryMetric} over {Markup.Whole(report.Count)} {Words.Rows(report.Task)}",
            report.Dimensions.Count == 1 ? $"{report.Dimensions[0]} dimensions" : $"{report.Dimensions.Count} dimensions from {report.Dimensions.Smallest} to {report.Dimensions.Largest}",
            string.Join(", ", report.Types.Reverse().Select(EmbeddingTypes.Name)),
        ]);
        _html.Append("<header>\n<p class=\"eyebrow\">Quantized Matryoshka embeddings · ").Append(Markup.Escape(report.Task)).Append("</p>\n<h1>").Append(Markup.Escape(heading))
            .Append("</h1>\n<p class=\"facts\">").Append(Markup.Escape(facts)).Append("</p>\n</header>\n<main>\n");
        WriteAdvice();
        WriteCharts();
        WriteTables();
        WriteMethod();
        return _html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private void WriteAdvice()
    {
        if (advice is null)
        {
            return;
        }
        _html.Append("<section aria-labelledby=\"advice\">\n<h2 id=\"advice\">Recommendation</h2>\n<article class=\"card advice\">\n<div>\n").Append(QuantizationParts.Advice(advice))
            .Append("</div>\n<figure>\n").Append(QuantizationParts.SharesCaption(advice)).Append(QuantizationCharts.Shares(advice, NextId())).Append("</figure>\n</article>\n</section>\n");
    }

    private void WriteCharts()
    {
        string primary = Markup.Escape(report.PrimaryMetric);
        _html.Append("<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Quality for bytes</h2>\n").Append(QuantizationParts.Legend(report.Types))
            .Append("<div class=\"pair\">\n<figure class=\"card\">\n<figcaption>").Append(primary).Append(" by storage</figcaption>\n")
            .Append(QuantizationCharts.ByBytes(report, report.PrimaryMetric, advice?.Chosen, NextId()))
            .Append("</figure>\n<figure class=\"card\">\n<figcaption>").Append(primary).Append(" by dimension</figcaption>\n")
            .Append(QuantizationCharts.ByDimension(report, report.PrimaryMetric, advice?.Chosen, NextId())).Append("</figure>\n</div>\n");
        string[] others = [.. report.Metrics.Where(metric => metric != report.PrimaryMetric)];
        if (others.Length > 0)
        {
            _html.Append("<div class=\"several\">\n");
            foreach (string metric in others)
            {
                _html.Append("<figure class=\"card\">\n<figcaption>").Append(Markup.Escape(metric)).Append(" by storage</figcaption>\n")
                    .Append(QuantizationCharts.ByBytes(report, metric, advice?.Chosen, NextId())).Append("</figure>\n");
            }
            _html.Append("</div>\n");
        }
        _html.Append("</section>\n");
    }

    private void WriteTables()
    {
        _html.Append("<section aria-labelledby=\"numbers\">\n<h2 id=\"numbers\">Numbers</h2>\n");
        if (advice is not null)
        {
            _html.Append("<div class=\"card\">\n").Append(QuantizationParts.Shares(advice)).Append("</div>\n");
        }
        _html.Append("<div class=\"card\">\n").Append(QuantizationParts.Table(report, advice)).Append("</div>\n</section>\n");
    }

    private void WriteMethod()
    {
        _html.Append("<footer>\n<h2>How to read this</h2>\n<ul>\n")
            .Append("<li>At each dimension every vector was cut to its first values, rescaled to unit length, quantized, and compared by the cosine of what the quantized values stand for: bits for ±1, signed bytes for values of their dimension’s range.</li>\n")
            .Append("<li>In these numbers ").Append(Markup.Escape(report.Note)).Append(".</li>\n")
            .Append("<li>Bytes are those of the values alone: without ids, an index, or the ranges that signed bytes need once. Value axes need not start at 0.</li>\n");
        if (report.Skipped > 0)
        {
            _html.Append("<li>").Append(Markup.Whole(report.Skipped)).Append(' ').Append(Words.Rows(report.Task)).Append(" were skipped.</li>\n");
        }
        if (advice?.Resamples > 0)
        {
            _html.Append(Markup.Text($"<li>Intervals are those of the paired percentile bootstrap over {Words.Rows(report.Task)}, {Markup.Whole(advice.Resamples)} resamples. "))
                .Append("“Keeps” and “falls” say that the whole interval lies on that side of the share asked for; “unsure”, that there are too few to tell. They are of one pair of type and dimension each, and the smallest of many was looked for.</li>\n");
        }
        _html.Append("</ul>\n</footer>\n");
    }

    private string NextId() => Markup.Text($"chart{++_charts}");
}
