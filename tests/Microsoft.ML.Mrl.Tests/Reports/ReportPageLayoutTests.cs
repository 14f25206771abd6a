using System.Text.RegularExpressions;

namespace Microsoft.ML.Mrl.Tests.Reports;

/// <summary>The page as a browser lays it out.</summary>
public sealed class ReportPageLayoutTests
{
    // Tells what does not fit: a page that scrolls sideways, letters beyond their chart, labels over each other.
    private const string Inspect = """
        <script>
        const found = [], box = e => e.getBoundingClientRect();
        const root = document.documentElement;
        if (root.scrollWidth > root.clientWidth) found.push(`page is ${root.scrollWidth} wide in ${root.clientWidth}`);
        for (const chart of document.querySelectorAll('svg.chart')) {
          const outer = box(chart), texts = [...chart.querySelectorAll('text')];
          for (const text of texts) {
            const b = box(text);
            if (b.left < outer.left - 1 || b.right > outer.right + 1 || b.top < outer.top - 1 || b.bottom > outer.bottom + 1) found.push(`'${text.textContent}' leaves its chart`);
            for (const other of texts) {
              const o = box(other);
              if (text !== other && b.left < o.right && o.left < b.right && b.top + 3 < o.bottom && o.top + 3 < b.bottom) found.push(`'${text.textContent}' lies over '${other.textContent}'`);
            }
          }
          for (const mark of chart.querySelectorAll('.mark')) {
            const b = box(mark);
            if (b.left < outer.left - 1 || b.right > outer.right + 1 || b.top < outer.top - 1 || b.bottom > outer.bottom + 1) found.push('a mark leaves its chart');
          }
        }
        document.title = `charts ${document.querySelectorAll('svg.chart').length}, found ${found.length}: ${[...new Set(found)].join('; ')}`;
        </script>
        """;

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public void ToHtml_InABrowser_FitsItsWindow(int width)
    {
        MrlOperations mrl = new MLContext(1).Mrl();
        DimensionReport tuned = SampleReports.WithRows(
            "tuned with a rather long name that must wrap somewhere", 500, (8, 200), (16, 440), (32, 448), (1024, 450));
        DimensionReport raw = SampleReports.WithRows(
            "raw", 500, (1, 3), (2, 20), (4, 60), (8, 100), (16, 340), (32, 398), (64, 410), (128, 420), (256, 430), (512, 440),
            (1024, 450));
        Check(new DimensionComparison(tuned, raw).ToHtml([mrl.RecommendDimensions(tuned, 0.97), mrl.RecommendDimensions(raw)]), width, 4);
        Check(new DimensionComparison(SampleReports.Retrieval("a", 0.6), SampleReports.Retrieval("b", 0.3, 384)).ToHtml(), width, 6);
        DimensionReport typed = SampleReports.Typed("typed", 500), other = SampleReports.Typed("other", 400);
        Check(typed.ToHtml([mrl.RecommendDimensions(typed, 0.9)]), width, 3);
        Check(new DimensionComparison(typed, other).ToHtml(), width, 2);
    }

    private static void Check(string html, int width, int charts)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mrl-page-");
        try
        {
            string path = Path.Combine(folder.FullName, "page.html");
            // The page forbids scripts; the one that inspects it comes in its policy's place.
            string page = Regex.Replace(html, "<meta http-equiv=[^>]*>", "");
            Assert.NotEqual(html, page);
            File.WriteAllText(path, page.Replace("</body>", Inspect + "</body>", StringComparison.Ordinal));
            string title = Regex.Match(HeadlessBrowser.OpenOrSkip(path, width), "<title>(.*?)</title>", RegexOptions.Singleline)
                .Groups[1].Value;
            Assert.Equal($"charts {charts}, found 0: ", title);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
