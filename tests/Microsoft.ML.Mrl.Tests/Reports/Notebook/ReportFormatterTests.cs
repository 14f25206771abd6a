using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML.Mrl.Reports.Html;
using Microsoft.ML.Mrl.Reports.Notebook;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Notebooks;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Reports.Notebook;

/// <summary>Results as a notebook shows them.</summary>
public sealed class ReportFormatterTests
{
    private readonly DimensionReport _report = SampleReports.WithRows("tuned", 500, (8, 200), (16, 440), (32, 448), (64, 450));

    private DimensionRecommendation Advice(double keep = 0.97) => new MLContext(1).Mrl().RecommendDimensions(_report, keep);

    [Fact]
    public void Formatters_FoundByName_GiveHtmlFirstAndText()
    {
        foreach (object value in (object[])[_report, new DimensionComparison(_report, _report.WithName("other")), Advice()])
        {
            Assert.Equal(["text/html"], NotebookDisplay.Preferred(value.GetType()));
            IReadOnlyDictionary<string, string> shown = NotebookDisplay.All(value);
            Assert.Equal(["text/html", "text/plain"], shown.Keys);
            Assert.Equal(value.ToString(), shown["text/plain"]);
            Assert.Single(Parse(shown["text/html"]).Descendants("svg"), svg => (string?)svg.Attribute("role") == "img");
        }
    }

    [Fact]
    public void Format_AnotherObject_IsDeclinedAndNothingWritten()
    {
        foreach (string mimeType in new[] { "text/html", "text/plain" })
        {
            var formatter = (ReportFormatter)new ReportFormatterSource().CreateTypeFormatters()
                .Single(candidate => ((ReportFormatter)candidate).MimeType == mimeType);
            using var writer = new StringWriter();
            Assert.False(formatter.Format("a text", writer));
            Assert.False(formatter.Format(null!, writer));
            Assert.Equal("", writer.ToString());
        }
    }

    [Fact]
    public void Html_OfARecommendation_ShowsNumberSummaryAndVerdicts()
    {
        DimensionRecommendation advice = Advice();
        XElement fragment = Parse(NotebookDisplay.All(advice)["text/html"]);
        Assert.Contains(advice.Summary, fragment.Value, StringComparison.Ordinal);
        Assert.Equal(Markup.Whole(advice.Dimensions!.Value), fragment.Descendants("b").First().Value);
        Assert.Equal(
            advice.Rows.Count, fragment.Descendants("span")
            .Count(span => ((string?)span.Attribute("class"))?.StartsWith("verdict", StringComparison.Ordinal) == true));
        Assert.Single(fragment.Descendants("tr"), row => (string?)row.Attribute("class") == "pick");
    }

    [Fact]
    public void Html_WithoutARecommendation_IsStillShown()
    {
        var nothing = new DimensionReport(
            "similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(8, 16), [[double.NaN], [double.NaN]], 16, 1, 3,
            "3 pairs <have> no score");
        string report = NotebookDisplay.All(nothing)["text/html"];
        Assert.Contains("3 skipped. 3 pairs &lt;have&gt; no score.", report, StringComparison.Ordinal);
        Parse(report);
        Parse(NotebookDisplay.All(new MLContext(1).Mrl().RecommendDimensions(nothing))["text/html"]);
    }

    [Fact]
    public void Style_EveryRule_IsForTheInsideOfTheFragmentAlone()
    {
        string css = (string)Parse(NotebookDisplay.All(_report)["text/html"]).Element("style")!;
        MatchCollection rules = Regex.Matches(css, @"([^{}]+)\{([^{}]*)\}");
        Assert.True(rules.Count > 40);
        Assert.Equal("", Regex.Replace(css, @"[^{}]+\{[^{}]*\}", "").Trim());
        foreach (string selector in rules.SelectMany(rule => rule.Groups[1].Value.Split(',')))
        {
            Assert.Matches(@"^\s*(\[data-jp-theme-light=""false""\] |\.vscode-dark )?\.mrl-report( |$)", selector);
        }
        HashSet<string> defined = [.. Regex.Matches(css, @"(--\w+):").Select(match => match.Groups[1].Value)];
        Assert.All(Regex.Matches(css, @"var\((--\w+)\)").Select(match => match.Groups[1].Value), name => Assert.Contains(name, defined));
    }

    [Fact]
    public void Html_TwoInOneDocument_HaveIdsOfTheirOwn()
    {
        string[] ids = [
            .. ((object[])[_report, _report.WithName("other"), Advice(), Advice(0.5)]).SelectMany(
                value => Parse(NotebookDisplay.All(value)["text/html"]).DescendantsAndSelf().Attributes("id").Select(id => id.Value))];
        Assert.Equal(8, ids.Distinct().Count());
    }

    [Fact]
    public void Html_HostileNames_AreShownAndNotRun()
    {
        DimensionReport hostile = _report.WithName("</style><script>alert(1)</script>");
        foreach (
            object value in (
                object[])[hostile, new DimensionComparison(hostile, _report), new MLContext(1).Mrl().RecommendDimensions(hostile)])
        {
            string html = NotebookDisplay.All(value)["text/html"];
            Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Html_AnyCulture_IsTheSame()
    {
        string[] Shown() => [NotebookDisplay.All(_report)["text/html"], NotebookDisplay.All(Advice())["text/html"]];
        string[] invariant = Shown();
        CultureInfo before = CultureInfo.CurrentCulture;
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        foreign.NumberFormat.NumberGroupSeparator = ".";
        try
        {
            CultureInfo.CurrentCulture = foreign;
            Assert.Equal(invariant, Shown());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>The fragment, read by a parser that forgives nothing.</summary>
    private static XElement Parse(string html) => XElement.Parse(html);
}
