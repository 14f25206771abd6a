using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>The charts of a comparison.</summary>
/// <param name="comparison">What to show.</param>
/// <param name="idPrefix">What the ids of the charts begin with, which tells them from those of others in the same document.</param>
internal sealed class ReportCharts(DimensionComparison comparison, string idPrefix = "chart")
{
    private int _charts;

    /// <summary>A metric against the dimension, on a log₂ axis.</summary>
    public string ByDimension(string metric) => new LineChart
    {
        Id = NextId(),
        Title = $"{metric} against dimensions, one line a system",
        Description = Describe(metric, "dimensions", row => row.Dimensions),
        HorizontalLabel = "dimensions kept (log₂ scale)",
        Horizontal = ChartAxis.Log2(comparison.Dimensions, LineChart.LabelRoom),
        Vertical = Values(metric),
        Series = Series(metric, "dimensions", row => row.Dimensions),
    }.Write();

    /// <summary>A metric against the bytes of a vector, on a linear axis that shows what the last bytes buy.</summary>
    public string ByBytes(string metric) => new LineChart
    {
        Id = NextId(),
        Title = $"{metric} against bytes per vector, one line a system",
        Description = Describe(metric, "bytes", row => row.BytesPerVector),
        HorizontalLabel = "bytes per vector (float32)",
        Horizontal = ChartAxis.FromZero(4L * comparison.Dimensions.Largest, 5),
        Vertical = Values(metric),
        Series = Series(metric, "bytes", row => row.BytesPerVector),
    }.Write();

    /// <summary>The share of the full width's metric at each dimension, with the intervals and the share asked for.</summary>
    public string Shares(DimensionRecommendation advice) => Shares(advice, SystemOf(advice), NextId());

    /// <summary>The same of a system whose comparison is not at hand.</summary>
    public static string Shares(DimensionRecommendation advice, int system, string id)
    {
        ChartPoint[] points =
        [
            .. advice.Rows.Select(row => new ChartPoint(
                row.Dimensions,
                row.Share,
                $"{row.Dimensions} dimensions keep {RecommendationText.Percent(row.Share)}{(double.IsNaN(row.ShareHigh) ? "" : $", interval {RecommendationText.Interval(row)}")}",
                row.ShareLow,
                row.ShareHigh,
                row.Dimensions == advice.Dimensions)),
        ];
        string told = string.Join(", ", advice.Rows.Select(row => $"{row.Dimensions}: {RecommendationText.Percent(row.Share)} ({RecommendationText.Interval(row)})"));
        return new LineChart
        {
            Id = id,
            Title = $"Share of the full width's {advice.Metric} that {advice.System} keeps at each dimension",
            Description = $"Asked for: {RecommendationText.Level(advice.Keep)}. {told}.",
            HorizontalLabel = "dimensions kept (log₂ scale)",
            Horizontal = ChartAxis.Log2([.. advice.Rows.Select(row => row.Dimensions)], LineChart.LabelRoom),
            Vertical = ChartAxis.Linear(
                points.SelectMany(point => (double[])[point.Y, point.Low, point.High]).Append(advice.Keep).Append(1),
                6,
                (value, digits) => (100 * value).ToString(digits > 2 ? "0." + new string('0', digits - 2) : "0", CultureInfo.InvariantCulture) + " %"),
            Series = [new ChartSeries(system, points)],
            Mark = (advice.Keep, RecommendationText.Level(advice.Keep) + " asked for"),
        }.Write();
    }

    /// <summary>The position of a recommendation's system.</summary>
    public int SystemOf(DimensionRecommendation advice)
        => comparison.Reports.Select((report, i) => (report.System, i)).First(pair => pair.System == advice.System).i;

    private ChartAxis Values(string metric) => ChartAxis.Linear(
        comparison.Reports.Where(report => report.Metrics.Contains(metric)).SelectMany(report => report.Rows.Select(row => row[metric])),
        6,
        (value, digits) => value.ToString("0." + new string('0', Math.Max(1, digits)), CultureInfo.InvariantCulture));

    private ChartSeries[] Series(string metric, string unit, Func<DimensionRow, long> x) =>
    [
        .. comparison.Reports.Select((report, i) => new ChartSeries(
            i,
            !report.Metrics.Contains(metric) ? [] :
            [
                .. report.Rows.Select(row => new ChartPoint(x(row), row[metric], $"{report.System}, {Markup.Whole(x(row))} {unit}: {metric} {Markup.Metric(row[metric])}")),
            ])),
    ];

    private string Describe(string metric, string unit, Func<DimensionRow, long> x) => string.Join(
        " ",
        comparison.Reports.Where(report => report.Metrics.Contains(metric)).Select(report =>
            $"{report.System}: {Markup.Metric(report.Rows[0][metric])} at {Markup.Whole(x(report.Rows[0]))} {unit}, {Markup.Metric(report.Rows[^1][metric])} at {Markup.Whole(x(report.Rows[^1]))}."));

    private string NextId() => Markup.Text($"{idPrefix}{++_charts}");
}
