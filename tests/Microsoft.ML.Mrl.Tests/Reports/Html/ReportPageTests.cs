using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Mrl.Reports.Html;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Reports.Html;

public sealed class ReportPageTests
{
    private readonly MrlOperations _mrl = new MLContext(1).Mrl();

    [Fact]
    public void ToHtml_HostileNames_AreShownAndNotRun()
    {
        const string hostile = "<script>alert(1)</script>\"' onload=x & \0\uD800";
        DimensionReport report = new DimensionReport(
            "<b>task", ["m<i>"], "m<i>", new MatryoshkaDimensions(8, 16), [[0.5], [0.6]], 16, 40, 1, "note</style><script>")
                .WithName(hostile);
        string html = report.ToHtml([_mrl.RecommendDimensions(report)], "</title><script>x");

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>task", html, StringComparison.Ordinal);
        Assert.DoesNotContain("m<i>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=x &amp; \uFFFD\uFFFD", html, StringComparison.Ordinal);
        Body(html);
    }

    [Fact]
    public void ToHtml_AnyPage_NeedsNothingElse()
    {
        string html = new DimensionComparison(SampleReports.Retrieval("a", 0.6), SampleReports.Retrieval("b", 0.3)).ToHtml();
        foreach (string outside in new[] { "http:", "https:", "//", "url(", "@import", "<link", "<script", "<img", "src=\"" })
        {
            Assert.DoesNotContain(outside, html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void ToHtml_Charts_HaveTextsMarksThatDifferAndEveryPoint()
    {
        DimensionReport[] reports = [SampleReports.Retrieval("a", 0.6), SampleReports.Retrieval("b", 0.3, 384)];
        XElement body = Body(new DimensionComparison(reports).ToHtml());
        XElement[] charts = [.. body.Descendants("svg").Where(svg => (string?)svg.Attribute("role") == "img")];

        // The primary metric by dimension and by storage, the four others by dimension.
        Assert.Equal(6, charts.Length);
        Assert.Equal(12, charts.SelectMany(chart => ((string)chart.Attribute("aria-labelledby")!).Split(' ')).Distinct().Count());
        foreach (XElement chart in charts)
        {
            foreach (string id in ((string)chart.Attribute("aria-labelledby")!).Split(' '))
            {
                Assert.NotEmpty(Assert.Single(chart.Elements(), e => (string?)e.Attribute("id") == id).Value);
            }
            XElement[] marks = [.. chart.Descendants("path").Where(path => (string?)path.Attribute("class") == "mark")];
            Assert.Equal(reports.Sum(report => report.Rows.Count), marks.Length);
            Assert.Equal(2, marks.Select(mark => (string)mark.Attribute("d")!).Distinct().Count());
        }
    }

    [Fact]
    public void ToHtml_ManySystems_AllLookDifferent()
    {
        var looks = Enumerable.Range(0, 20).Select(i => (SeriesMark.Class(i), SeriesMark.Shape(i))).ToHashSet();
        Assert.Equal(20, looks.Count);
        Assert.Equal(8, Enumerable.Range(0, 8).Select(SeriesMark.Shape).Distinct().Count());
    }

    [Fact]
    public void ToHtml_NaN_LeavesAGap()
    {
        var report = new DimensionReport(
            "similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(8, 16, 32, 64), [[0.5], [double.NaN], [0.6], [0.7]], 64, 40);
        XElement chart = Body(report.ToHtml()).Descendants("svg").First(svg => (string?)svg.Attribute("role") == "img");
        string line = (string)chart.Descendants("path").First(path => (string?)path.Attribute("class") == "line").Attribute("d")!;
        Assert.Equal(2, line.Count(c => c == 'M'));
        Assert.Equal(1, line.Count(c => c == 'L'));
        Assert.DoesNotContain("NaN", chart.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToHtml_AllNaNOrOneDimension_IsStillAPage()
    {
        Body(new DimensionReport(
            "similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(8, 16), [[double.NaN], [double.NaN]], 16, 1).ToHtml());
        Body(new DimensionReport("similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(1), [[0.5]], 1, 40).ToHtml());
        Body(new DimensionReport("similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(1, 2), [[-1], [1]], 2, 40).ToHtml());
    }

    [Fact]
    public void ToHtml_Recommendations_AreShown()
    {
        DimensionReport report = SampleReports.WithRows("tuned", 500, (8, 200), (16, 440), (32, 448), (64, 450));
        DimensionRecommendation advice = _mrl.RecommendDimensions(report, 0.97);
        XElement body = Body(report.ToHtml([advice]));
        Assert.Contains(advice.Summary, body.Value, StringComparison.Ordinal);
        XElement chart = body.Descendants("svg").First(svg => (string?)svg.Attribute("role") == "img");
        Assert.Single(chart.Descendants("circle"), circle => (string?)circle.Attribute("class") == "chosen");
        Assert.Equal(3, chart.Descendants("path").Count(path => (string?)path.Attribute("class") == "whisker"));
        Assert.Single(body.Descendants("tr"), row => (string?)row.Attribute("class") == "pick");
    }

    [Fact]
    public void ToHtml_EveryDimension_ThinsMarksAndDrawsABand()
    {
        DimensionReport report = SampleReports.WithRows("tuned", 500, [.. Enumerable.Range(1, 100).Select(m => (m, 4 * m))]);
        XElement[] charts = [
            .. Body(report.ToHtml([_mrl.RecommendDimensions(report, 0.5)])).Descendants("svg")
            .Where(svg => (string?)svg.Attribute("role") == "img")];
        Assert.Equal(3, charts.Length);
        foreach (XElement chart in charts)
        {
            Assert.InRange(chart.Descendants("path").Count(path => (string?)path.Attribute("class") == "mark"), 5, 20);
        }
        Assert.Single(charts[0].Descendants("path"), path => (string?)path.Attribute("class") == "band");
        Assert.DoesNotContain(charts[0].Descendants("path"), path => (string?)path.Attribute("class") == "whisker");
        Assert.Single(charts[0].Descendants("circle"));
    }

    [Fact]
    public void ToHtml_RecommendationOfAnotherReport_IsRefused()
    {
        DimensionReport report = SampleReports.WithRows("tuned", 500, (8, 200), (64, 450));
        DimensionRecommendation advice = _mrl.RecommendDimensions(report);
        var error = Assert.Throws<ArgumentException>(() => report.WithName("raw").ToHtml([advice]));
        Assert.StartsWith(
            "The recommendation for 'tuned' (classification, 64 dimensions) belongs to none of the reports. Give recommendations for: 'raw'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => report.ToHtml([advice, advice]));
    }

    [Fact]
    public void ToHtml_AnyCulture_IsTheSame()
    {
        DimensionReport report = SampleReports.WithRows("tuned", 500, (8, 200), (16, 440), (32, 448), (1024, 450));
        DimensionRecommendation[] advice = [_mrl.RecommendDimensions(report, 0.97)];
        string invariant = report.ToHtml(advice);
        CultureInfo before = CultureInfo.CurrentCulture;
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        foreign.NumberFormat.NumberGroupSeparator = ".";
        foreign.NumberFormat.NegativeSign = "~";
        try
        {
            CultureInfo.CurrentCulture = foreign;
            Assert.Equal(invariant, report.ToHtml(advice));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(0.0, 1.0, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0.61, 0.74, "0.60 0.65 0.70 0.75")]
    [InlineData(0.5, 0.5, "0.450 0.475 0.500 0.525 0.550")]
    [InlineData(0.912, 0.914, "0.9120 0.9125 0.9130 0.9135 0.9140")]
    public void LinearAxis_AnyValues_HasRoundTicksThatCoverThem(double low, double high, string expected)
    {
        ChartAxis axis = ChartAxis.Linear(
            [low, double.NaN, high], 6,
            (value, digits) => value.ToString("0." + new string('0', Math.Max(1, digits)), CultureInfo.InvariantCulture));
        Assert.InRange(axis.At(low), 0, 1);
        Assert.InRange(axis.At(high), 0, 1);
        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(tick => tick.Text)));
    }

    [Fact]
    public void Log2Axis_EveryDimension_LabelsPowersOfTwoApart()
    {
        ChartAxis axis = ChartAxis.Log2([.. Enumerable.Range(1, 768)], 0.1);
        Assert.Equal(
            "1 2 4 8 16 32 64 128 256 768", string.Join(' ', axis.Ticks.Where(tick => tick.Text.Length > 0).Select(tick => tick.Text)));
        Assert.Equal(0, axis.At(1));
        Assert.Equal(1, axis.At(768), 1e-12);
    }

    /// <summary>The body, read by a parser that forgives nothing.</summary>
    private static XElement Body(string html)
    {
        int start = html.IndexOf("<body>", StringComparison.Ordinal);
        return XElement.Parse(html[start..html.IndexOf("</html>", StringComparison.Ordinal)]);
    }
}
