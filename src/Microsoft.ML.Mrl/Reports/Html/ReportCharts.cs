using System.Globalization;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Represents the charts of a comparison.</summary>
/// <param name="comparison">The comparison.</param>
/// <param name="recommendations">The recommendations whose choices are marked in the charts.</param>
/// <param name="idPrefix">The start of the charts' ids, which tells them from those of others in the same document.</param>
internal sealed class ReportCharts(
    DimensionComparison comparison, IReadOnlyList<DimensionRecommendation> recommendations, string idPrefix = "chart")
{
    private const string DimensionsLabel = "dimensions kept (log₂ scale)";
    private const string BytesLabel = "bytes per vector (log₂ scale)";

    private int _charts;

    /// <summary>Gets the lines, in the order of the legend.</summary>
    public IReadOnlyList<ReportSeries> Lines { get; } = ReportSeries.Of(comparison);

    /// <summary>Returns the chart of a metric against the number of dimensions, on a log₂ axis.</summary>
    public string ByDimension(string metric)
        => Chart(metric, "dimensions", DimensionsLabel, ChartAxis.Log2(comparison.Dimensions, LineChart.LabelRoom), row => row.Dimensions);

    /// <summary>
    /// Returns the chart of a metric against the bytes per vector. With one type the axis is linear, since it would otherwise show the same
    /// curve as that of dimensions.
    /// </summary>
    public string ByBytes(string metric)
        => comparison.HasTypes
            ? Chart(
                metric,
                "bytes",
                BytesLabel,
                Log2(comparison.Reports.SelectMany(report => report.Rows).Select(row => row.BytesPerVector)),
                Bytes)
            : Chart(metric, "bytes", "bytes per vector (float32)", ChartAxis.FromZero(4L * comparison.Dimensions.Largest, 5), Bytes);

    /// <summary>
    /// Returns the chart of the share of the full width's metric that each row keeps, with the intervals and the share that was asked for.
    /// </summary>
    public string Shares(DimensionRecommendation advice) => Shares(advice, type => MarkOf(advice, type), NextId());

    /// <summary>Returns the same chart for a recommendation without its comparison.</summary>
    public static string Shares(DimensionRecommendation advice, Func<EmbeddingType, int> mark, string id)
    {
        // Where there are types, what keeps next to nothing is in the table alone: the chart is for those near the share asked for.
        double lowest = advice.HasTypes ? Math.Min(advice.Keep - (4 * (1 - advice.Keep)), advice.Keep - 0.1) : double.NegativeInfinity;
        RecommendationRow[] shown = [.. advice.Rows.Where(row => !(row.Share < lowest))];
        shown = shown.Length == 0 ? [.. advice.Rows] : shown;
        Func<RecommendationRow, long> x = advice.HasTypes ? row => row.BytesPerVector : row => row.Dimensions;
        IEnumerable<string> told = shown.Select(row =>
            (advice.HasTypes ? EmbeddingTypes.Name(row.Type) + " at " : "")
            + $"{row.Dimensions}: {RecommendationText.Percent(row.Share)} ({RecommendationText.Interval(row)})");
        return new LineChart
        {
            Id = id,
            Title = $"Share of the full width's {advice.Metric} that {advice.Name} keeps",
            Description = $"Asked for: {RecommendationText.Level(advice.Keep)}. {string.Join(", ", told)}.",
            HorizontalLabel = advice.HasTypes ? BytesLabel : DimensionsLabel,
            Horizontal = Log2(shown.Select(x)),
            Vertical = ChartAxis.Linear(
                shown.SelectMany(row => (double[])[row.Share, Math.Max(row.ShareLow, lowest), row.ShareHigh]).Append(advice.Keep).Append(1),
                6,
                (value, digits) => (100 * value).ToString(Format(digits - 2, 0), CultureInfo.InvariantCulture) + " %"),
            Series =
            [
                .. shown.GroupBy(row => row.Type).Select(group => new ChartSeries(
                    mark(group.Key),
                    [
                        .. group.Select(row => new ChartPoint(
                            x(row), row.Share, Told(row), Math.Max(row.ShareLow, lowest), row.ShareHigh, row == advice.Chosen)),
                    ])),
            ],
            Mark = (advice.Keep, RecommendationText.Level(advice.Keep) + " asked for"),
        }.Write();

        string Told(RecommendationRow row)
        {
            string interval = double.IsNaN(row.ShareHigh) ? "" : $", interval {RecommendationText.Interval(row)}";
            string keeps = advice.HasTypes ? "keeps" : "keep";
            return $"{Name(row.Type, row.Dimensions)} {keeps} {RecommendationText.Percent(row.Share)}{interval}";
        }

        string Name(EmbeddingType type, int dimensions)
            => advice.HasTypes
                ? $"{EmbeddingTypes.Name(type)} at {Markup.Whole(dimensions)} dimensions"
                : $"{Markup.Whole(dimensions)} dimensions";
    }

    /// <summary>Returns the mark of a recommendation's line of a type.</summary>
    public int MarkOf(DimensionRecommendation advice, EmbeddingType type)
        => Lines.First(line => line.Report.Name == advice.Name && line.Type == type).Mark;

    private string Chart(string metric, string unit, string label, ChartAxis horizontal, Func<DimensionRow, long> x)
    {
        ReportSeries[] lines = [.. Lines.Where(line => line.Report.Metrics.Contains(metric))];
        IEnumerable<string> described = lines.Select(line =>
        {
            DimensionRow first = line.Rows.First(), last = line.Rows.Last();
            return $"{line.Label}: {Markup.Metric(first[metric])} at {Markup.Whole(x(first))} {unit}, "
                + $"{Markup.Metric(last[metric])} at {Markup.Whole(x(last))}.";
        });
        return new LineChart
        {
            Id = NextId(),
            Title = $"{metric} against {(unit == "bytes" ? "bytes per vector" : unit)}, "
                + $"one line for each {(comparison.HasTypes ? "type" : "report")}",
            Description = string.Join(" ", described),
            HorizontalLabel = label,
            Horizontal = horizontal,
            Vertical = ChartAxis.Linear(
                lines.SelectMany(line => line.Rows.Select(row => row[metric])),
                6,
                (value, digits) => value.ToString(Format(digits, 1), CultureInfo.InvariantCulture)),
            Series = [.. lines.Select(line => new ChartSeries(line.Mark, [.. line.Rows.Select(row => Point(line, row))]))],
        }.Write();

        ChartPoint Point(ReportSeries line, DimensionRow row)
        {
            string size = unit == "bytes" || comparison.HasTypes
                ? $"{Markup.Whole(row.Dimensions)} dimensions, {Markup.Whole(row.BytesPerVector)} bytes"
                : $"{Markup.Whole(row.Dimensions)} dimensions";
            return new ChartPoint(
                x(row), row[metric], $"{line.Label}, {size}: {metric} {Markup.Metric(row[metric])}", IsChosen: IsChosen(line.Report, row));
        }
    }

    private bool IsChosen(DimensionReport report, DimensionRow row)
        => recommendations.Any(
            advice => advice.Name == report.Name && advice.Chosen?.Type == row.Type && advice.Chosen.Dimensions == row.Dimensions);

    private static long Bytes(DimensionRow row) => row.BytesPerVector;

    private static ChartAxis Log2(IEnumerable<long> values)
        => ChartAxis.Log2([.. values.Select(value => (int)value).Distinct().Order()], LineChart.LabelRoom);

    private static string Format(int digits, int fewest)
    {
        int shown = Math.Max(fewest, digits);
        return shown > 0 ? "0." + new string('0', shown) : "0";
    }

    private string NextId() => Markup.Text($"{idPrefix}{++_charts}");
}
