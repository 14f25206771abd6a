using System.Globalization;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>The charts of a quantization report: one line a type.</summary>
internal static class QuantizationCharts
{
    /// <summary>A metric against the bytes of a vector, on a log₂ axis.</summary>
    /// <param name="report">What to show.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="chosen">What to put a ring around, if anything.</param>
    /// <param name="id">The id of the chart.</param>
    public static string ByBytes(QuantizationReport report, string metric, QuantizationRecommendationRow? chosen, string id)
        => Chart(report, metric, chosen, id, "bytes per vector", row => (int)row.BytesPerVector);

    /// <summary>A metric against the dimension, on a log₂ axis.</summary>
    public static string ByDimension(QuantizationReport report, string metric, QuantizationRecommendationRow? chosen, string id)
        => Chart(report, metric, chosen, id, "dimensions kept", row => row.Dimensions);

    /// <summary>The share of the full width's metric in single precision against the bytes of a vector, with intervals and the share asked for.</summary>
    public static string Shares(QuantizationRecommendation advice, string id)
    {
        // What keeps next to nothing is in the table; the chart is for those near the share asked for.
        double lowest = Math.Min(advice.Keep - (4 * (1 - advice.Keep)), advice.Keep - 0.1);
        EmbeddingType[] types = [.. advice.Rows.Select(row => row.Type).Distinct()];
        QuantizationRecommendationRow[] shown = [.. advice.Rows.Where(row => row.Share >= lowest)];
        if (shown.Length == 0)
        {
            shown = [.. advice.Rows];
        }
        return new LineChart
        {
            Id = id,
            Title = $"Share of the full width's {advice.Metric} in float32 that {advice.System} keeps, against bytes per vector, one line a type",
            Description = $"Asked for: {RecommendationText.Level(advice.Keep)}. {string.Join(", ", shown.Select(row => $"{EmbeddingTypes.Name(row.Type)} at {row.Dimensions}: {RecommendationText.Percent(row.Share)}"))}.",
            HorizontalLabel = "bytes per vector (log₂ scale)",
            Horizontal = Axis(shown.Select(row => (int)row.BytesPerVector)),
            Vertical = ChartAxis.Linear(
                shown.SelectMany(row => (double[])[row.Share, Math.Max(row.ShareLow, lowest), row.ShareHigh]).Append(advice.Keep).Append(1),
                6,
                (value, digits) => (100 * value).ToString(digits > 2 ? "0." + new string('0', digits - 2) : "0", CultureInfo.InvariantCulture) + " %"),
            Series =
            [
                .. types.Select(type => new ChartSeries(QuantizationParts.Mark(type),
                [
                    .. shown.Where(row => row.Type == type).Select(row => new ChartPoint(
                        row.BytesPerVector,
                        row.Share,
                        $"{Name(row.Type, row.Dimensions, row.BytesPerVector)} keeps {RecommendationText.Percent(row.Share)}{(double.IsNaN(row.ShareHigh) ? "" : $", interval {RecommendationText.Interval(row.ShareLow, row.ShareHigh)}")}",
                        Math.Max(row.ShareLow, lowest),
                        row.ShareHigh,
                        row == advice.Chosen)),
                ])),
            ],
            Mark = (advice.Keep, RecommendationText.Level(advice.Keep) + " asked for"),
        }.Write();
    }

    private static string Chart(QuantizationReport report, string metric, QuantizationRecommendationRow? chosen, string id, string unit, Func<QuantizationRow, int> x) => new LineChart
    {
        Id = id,
        Title = $"{metric} against {unit}, one line a type",
        Description = string.Join(" ", report.Types.Select(type =>
        {
            QuantizationRow[] rows = [.. report.Rows.Where(row => row.Type == type)];
            return $"{EmbeddingTypes.Name(type)}: {Markup.Metric(rows[0][metric])} at {Markup.Whole(x(rows[0]))}, {Markup.Metric(rows[^1][metric])} at {Markup.Whole(x(rows[^1]))} {unit}.";
        })),
        HorizontalLabel = unit + " (log₂ scale)",
        Horizontal = Axis(report.Rows.Select(x)),
        Vertical = ChartAxis.Linear(report.Rows.Select(row => row[metric]), 6, (value, digits) => value.ToString("0." + new string('0', Math.Max(1, digits)), CultureInfo.InvariantCulture)),
        Series =
        [
            .. report.Types.Select(type => new ChartSeries(QuantizationParts.Mark(type),
            [
                .. report.Rows.Where(row => row.Type == type).Select(row => new ChartPoint(
                    x(row),
                    row[metric],
                    $"{Name(row.Type, row.Dimensions, row.BytesPerVector)}: {metric} {Markup.Metric(row[metric])}",
                    IsChosen: chosen is not null && chosen.Type == row.Type && chosen.Dimensions == row.Dimensions)),
            ])),
        ],
    }.Write();

    private static ChartAxis Axis(IEnumerable<int> values) => ChartAxis.Log2([.. values.Distinct().Order()], LineChart.LabelRoom);

    private static string Name(EmbeddingType type, int dimensions, long bytes) => $"{EmbeddingTypes.Name(type)} at {Markup.Whole(dimensions)} dimensions, {Markup.Whole(bytes)} bytes";
}
