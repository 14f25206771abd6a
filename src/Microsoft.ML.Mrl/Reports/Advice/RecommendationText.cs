using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports.Advice;

/// <summary>Words a <see cref="DimensionRecommendation"/>.</summary>
internal static class RecommendationText
{
    public static string Describe(DimensionRecommendation advice)
    {
        RecommendationRow full = advice.Rows[^1];
        string asked = Text($"{Level(advice.Keep)} of the full width's {advice.Metric}");
        if (advice.ByEstimate is not { } estimate)
        {
            return Text($"No dimension can be recommended: {advice.Metric} at the full width of {full.Dimensions} is {Number(full.Value)}, not above 0, so there is nothing to keep.");
        }
        if (advice.Rows.Count == 1)
        {
            return Text($"Only the full width of {full.Dimensions} was evaluated: there is nothing shorter to choose.");
        }
        RecommendationRow byEstimate = Row(advice, estimate);
        if (advice.Resamples == 0)
        {
            string unsure = Text($" How sure that is was not measured: {advice.Gap}.");
            return estimate == full.Dimensions
                ? KeepAll(advice, full, asked) + unsure
                : Text($"Choose {estimate} of {full.Dimensions} dimensions: they keep {Percent(byEstimate.Share)} of the full width's {advice.Metric}, {Storage(byEstimate, full)}.") + unsure;
        }
        if (advice.WithConfidence is not { } confident)
        {
            return Text($"No dimension can be recommended: {advice.Metric} at the full width of {full.Dimensions} is {Number(full.Value)}, but on resamples of the {advice.Count} {Words.Rows(advice.Task)} it is often not above 0. Measure with more.");
        }
        if (estimate == full.Dimensions)
        {
            return KeepAll(advice, full, asked);
        }
        if (estimate == confident)
        {
            return Text($"Choose {estimate} of {full.Dimensions} dimensions: they keep {Kept(advice, byEstimate)}, {Storage(byEstimate, full)}.");
        }
        string tooWide = Text($"{estimate} of {full.Dimensions} dimensions keep {Kept(advice, byEstimate)} as measured, but the interval reaches below the {Level(advice.Keep)} asked for: {advice.Count} {Words.Rows(advice.Task)} are too few to tell. ");
        if (confident == full.Dimensions)
        {
            return tooWide + Text($"Nothing shorter than the full width surely keeps {asked}: keep all {full.Dimensions}, or measure with more.");
        }
        RecommendationRow surely = Row(advice, confident);
        return tooWide + Text($"Choose {confident}, the smallest that surely does: {Kept(advice, surely)}, {Storage(surely, full)}.");
    }

    /// <summary>The table's lines, the headings first.</summary>
    public static string[][] Cells(DimensionRecommendation advice) =>
    [
        ["Dimensions", advice.Metric, "Of full", Level(advice.Confidence) + " interval", "Verdict", "float32 MB/M", "float16", "int8", "binary"],
        .. advice.Rows.Select(row => (string[])
        [
            Whole(row.Dimensions),
            Number(row.Value),
            Percent(row.Share),
            Interval(row),
            Verdict(row.Verdict),
            Whole(row.Storage.Float32Bytes),
            Whole(row.Storage.Float16Bytes),
            Whole(row.Storage.Int8Bytes),
            Whole(row.Storage.BinaryBytes),
        ]),
    ];

    public static string Verdict(KeepVerdict verdict) => verdict switch
    {
        KeepVerdict.Keeps => "keeps",
        KeepVerdict.Unsure => "unsure",
        KeepVerdict.Falls => "falls",
        _ => "-",
    };

    public static string Interval(RecommendationRow row) => Interval(row.ShareLow, row.ShareHigh);

    public static string Interval(double low, double high) => double.IsNaN(high) ? "-" : Text($"{(double.IsNaN(low) ? "?" : Digits(low))}..{Percent(high)}");

    /// <summary>A share in per cent with one digit, cut off rather than rounded up.</summary>
    public static string Percent(double share) => double.IsNaN(share) ? "-" : Digits(share) + " %";

    /// <summary>A share that was chosen, in per cent: 99 %.</summary>
    public static string Level(double share) => (100 * share).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    private static string KeepAll(DimensionRecommendation advice, RecommendationRow full, string asked)
    {
        RecommendationRow best = advice.Rows.SkipLast(1).MaxBy(row => row.Share)!;
        return Text($"Keep all {full.Dimensions} dimensions, {full.Storage.Float32Bytes:#,0} bytes per vector in float32: none shorter keeps {asked}. The best of them, {best.Dimensions}, keeps {Kept(advice, best)}.");
    }

    private static string Kept(DimensionRecommendation advice, RecommendationRow row)
        => advice.Resamples == 0
            ? Text($"{Percent(row.Share)} of the full width's {advice.Metric}")
            : Text($"{Percent(row.Share)} of the full width's {advice.Metric} ({Level(advice.Confidence)} interval {Interval(row)})");

    private static string Storage(RecommendationRow row, RecommendationRow full)
        => Text($"in {row.Storage.Float32Bytes:#,0} bytes per vector instead of {full.Storage.Float32Bytes:#,0} in float32");

    private static RecommendationRow Row(DimensionRecommendation advice, int dimensions) => advice.Rows.First(row => row.Dimensions == dimensions);

    // 98.96 % must not read as 99.0 % next to a verdict that it does not keep 99 %.
    private static string Digits(double share) => (Math.Floor(Math.Round(share * 1_000, 6)) / 10).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => double.IsNaN(value) ? "NaN" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
