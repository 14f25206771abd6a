using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Words a <see cref="QuantizationReport"/> and a <see cref="QuantizationRecommendation"/>.</summary>
internal static class QuantizationText
{
    public static string Title(QuantizationReport report)
    {
        var title = new StringBuilder();
        title.Append(CultureInfo.InvariantCulture, $"{report.System}, {report.Task}: {report.PrimaryMetric} over {report.Count} {Words.Rows(report.Task)}");
        if (report.Skipped > 0)
        {
            title.Append(CultureInfo.InvariantCulture, $", {report.Skipped} skipped");
        }
        return title.Append(" (").Append(report.Note).Append(')').ToString();
    }

    /// <summary>The table's lines, the headings first.</summary>
    public static string[][] Cells(QuantizationReport report) =>
    [
        ["Type", "Dimensions", "Bytes", .. report.Metrics, "Of full"],
        .. report.Rows.Select(row => (string[])
        [
            EmbeddingTypes.Name(row.Type),
            Whole(row.Dimensions),
            Whole(row.BytesPerVector),
            .. report.Metrics.Select(metric => row[metric].ToString("0.0000", CultureInfo.InvariantCulture)),
            double.IsNaN(row.ShareOfFull) ? "-" : (100 * row.ShareOfFull).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        ]),
    ];

    /// <summary>The table's lines, the headings first, by rising bytes.</summary>
    public static string[][] Cells(QuantizationRecommendation advice) =>
    [
        ["Bytes", "Type", "Dimensions", advice.Metric, "Of full", RecommendationText.Level(advice.Confidence) + " interval", "Verdict"],
        .. ByBytes(advice).Select(row => (string[])
        [
            Whole(row.BytesPerVector),
            EmbeddingTypes.Name(row.Type),
            Whole(row.Dimensions),
            row.Value.ToString("0.0000", CultureInfo.InvariantCulture),
            RecommendationText.Percent(row.Share),
            RecommendationText.Interval(row.ShareLow, row.ShareHigh),
            RecommendationText.Verdict(row.Verdict),
        ]),
    ];

    public static IEnumerable<QuantizationRecommendationRow> ByBytes(QuantizationRecommendation advice) => advice.Rows.OrderBy(row => row.BytesPerVector).ThenBy(row => row.Type);

    public static string Describe(QuantizationRecommendation advice)
    {
        QuantizationRecommendationRow full = advice.Rows[^1];
        string number = full.Value.ToString("0.0000", CultureInfo.InvariantCulture);
        if (advice.ByEstimate is not { } estimate)
        {
            return Text($"Nothing can be recommended: {advice.Metric} at the full width of {full.Dimensions} in float32 is {number}, not above 0, so there is nothing to keep.");
        }
        if (advice.Resamples == 0)
        {
            string unsure = Text($" How sure that is was not measured: {advice.Gap}.");
            return (estimate == full ? KeepAll(advice, full) : Text($"Choose {Name(estimate, full)}: it keeps {Kept(advice, estimate)}, {Storage(estimate, full)}.")) + unsure;
        }
        if (advice.WithConfidence is not { } confident)
        {
            return Text($"Nothing can be recommended: {advice.Metric} at the full width of {full.Dimensions} in float32 is {number}, but on resamples of the {advice.Count} {Words.Rows(advice.Task)} it is often not above 0. Measure with more.");
        }
        if (estimate == full)
        {
            return KeepAll(advice, full);
        }
        if (estimate == confident)
        {
            return Text($"Choose {Name(estimate, full)}: it keeps {Kept(advice, estimate)}, {Storage(estimate, full)}.");
        }
        string tooWide = Text($"{Name(estimate, full)} keeps {Kept(advice, estimate)} as measured, but the interval reaches below the {RecommendationText.Level(advice.Keep)} asked for: {advice.Count} {Words.Rows(advice.Task)} are too few to tell. ");
        return tooWide + (confident == full
            ? Text($"Nothing smaller than the full width in float32 surely keeps {Asked(advice)}: keep all of it, or measure with more.")
            : Text($"Choose {Name(confident, full)}, the smallest that surely does: {Kept(advice, confident)}, {Storage(confident, full)}."));
    }

    private static string KeepAll(QuantizationRecommendation advice, QuantizationRecommendationRow full)
    {
        string start = Text($"Keep all {full.Dimensions} dimensions in float32, {full.BytesPerVector:#,0} bytes per vector: nothing smaller keeps {Asked(advice)}.");
        return advice.Rows.SkipLast(1).MaxBy(row => row.Share) is { } best ? start + Text($" The best of the others, {Name(best, full)}, keeps {Kept(advice, best)}.") : start;
    }

    private static string Asked(QuantizationRecommendation advice) => $"{RecommendationText.Level(advice.Keep)} of the full width's {advice.Metric}";

    private static string Name(QuantizationRecommendationRow row, QuantizationRecommendationRow full) => Text($"{EmbeddingTypes.Name(row.Type)} at {row.Dimensions} of {full.Dimensions} dimensions");

    private static string Kept(QuantizationRecommendation advice, QuantizationRecommendationRow row)
        => advice.Resamples == 0
            ? $"{RecommendationText.Percent(row.Share)} of the full width's {advice.Metric}"
            : $"{RecommendationText.Percent(row.Share)} of the full width's {advice.Metric} ({RecommendationText.Level(advice.Confidence)} interval {RecommendationText.Interval(row.ShareLow, row.ShareHigh)})";

    private static string Storage(QuantizationRecommendationRow row, QuantizationRecommendationRow full) => Text($"in {row.BytesPerVector:#,0} bytes per vector instead of {full.BytesPerVector:#,0}");

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
