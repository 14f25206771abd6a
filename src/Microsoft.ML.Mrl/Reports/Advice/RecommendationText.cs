using System.Globalization;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Reports.Advice;

/// <summary>
/// Writes the text and the table of a <see cref="DimensionRecommendation"/>. Types are named where there is more than one.
/// </summary>
internal static class RecommendationText
{
    private static readonly EmbeddingType[] s_types = Enum.GetValues<EmbeddingType>();

    public static string Describe(DimensionRecommendation advice)
    {
        RecommendationRow full = advice.Rows[^1];
        string atFull = Text($"{advice.Metric} at the full width of {full.Dimensions} is {Number(full.Value)}");
        if (advice.ByEstimate is not { } estimate)
        {
            return $"Nothing can be recommended: {atFull}, not above 0, so there is nothing to keep.";
        }
        if (advice.Rows.Count == 1)
        {
            return Text($"Only the full width of {full.Dimensions} was evaluated: there is nothing shorter to choose.");
        }
        if (advice.Resamples == 0)
        {
            return $"{(estimate == full ? KeepAll(advice) : Choose(advice, estimate))} How sure that is was not measured: {advice.Gap}.";
        }
        string count = Text($"{advice.Count} {ReportTasks.Rows(advice.Task)}");
        if (advice.WithConfidence is not { } confident)
        {
            return $"Nothing can be recommended: {atFull}, but on resamples of the {count} it is often not above 0. Measure with more.";
        }
        if (estimate == full)
        {
            return KeepAll(advice);
        }
        if (estimate == confident)
        {
            return Choose(advice, estimate);
        }
        string unsure = $"{Name(advice, estimate)} {(advice.HasTypes ? "keeps" : "keep")} {Kept(advice, estimate)} as measured, "
            + $"but the interval reaches below the {Level(advice.Keep)} asked for: {count} are too few to tell. ";
        return unsure + (confident == full
            ? Text($"Nothing smaller surely keeps {Asked(advice)}: keep all {full.Dimensions} dimensions in float32, or measure with more.")
            : $"Choose {Name(advice, confident)}, the smallest that surely does: {Kept(advice, confident)}, {Storage(advice, confident)}.");
    }

    /// <summary>Returns the table's lines, the headings first, in the order of <see cref="Ordered"/>.</summary>
    public static string[][] Cells(DimensionRecommendation advice) =>
    [
        [
            .. advice.HasTypes ? (string[])["Bytes", "Type"] : [],
            "Dimensions",
            advice.Metric,
            "Of full",
            Level(advice.Confidence) + " interval",
            "Verdict",
            .. advice.HasTypes ? [] : s_types.Select((type, i) => EmbeddingTypes.Name(type) + (i == 0 ? " MB/M" : "")),
        ],
        .. Ordered(advice).Select(row => (string[])
        [
            .. advice.HasTypes ? (string[])[Whole(row.BytesPerVector), EmbeddingTypes.Name(row.Type)] : [],
            Whole(row.Dimensions),
            Number(row.Value),
            Percent(row.Share),
            Interval(row),
            Verdict(row.Verdict),
            .. advice.HasTypes ? [] : s_types.Select(type => Whole(EmbeddingTypes.Bytes(type, row.Dimensions))),
        ]),
    ];

    /// <summary>Returns the rows by rising bytes.</summary>
    public static IEnumerable<RecommendationRow> Ordered(DimensionRecommendation advice)
        => advice.Rows.OrderBy(row => row.BytesPerVector).ThenBy(row => row.Type);

    public static string Verdict(KeepVerdict verdict) => verdict switch
    {
        KeepVerdict.Keeps => "keeps",
        KeepVerdict.Unsure => "unsure",
        KeepVerdict.Falls => "falls",
        _ => "-",
    };

    public static string Interval(RecommendationRow row)
        => double.IsNaN(row.ShareHigh) ? "-" : $"{(double.IsNaN(row.ShareLow) ? "?" : Digits(row.ShareLow))}..{Percent(row.ShareHigh)}";

    /// <summary>Returns a share in per cent with one digit, cut off rather than rounded up.</summary>
    public static string Percent(double share) => double.IsNaN(share) ? "-" : Digits(share) + " %";

    /// <summary>Returns a share that was chosen, in per cent: 99 %.</summary>
    public static string Level(double share) => (100 * share).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    private static string Choose(DimensionRecommendation advice, RecommendationRow row)
        => $"Choose {Name(advice, row)}: {(advice.HasTypes ? "it keeps" : "they keep")} {Kept(advice, row)}, {Storage(advice, row)}.";

    private static string KeepAll(DimensionRecommendation advice)
    {
        RecommendationRow full = advice.Rows[^1], best = advice.Rows.SkipLast(1).MaxBy(row => row.Share)!;
        return Text($"Keep all {full.Dimensions} dimensions in float32, {full.BytesPerVector:#,0} bytes per vector: ")
            + $"nothing smaller keeps {Asked(advice)}. The best of the others is {Name(advice, best)}, with {Kept(advice, best)}.";
    }

    private static string Asked(DimensionRecommendation advice) => $"{Level(advice.Keep)} of the full width's {advice.Metric}";

    private static string Name(DimensionRecommendation advice, RecommendationRow row)
        => (advice.HasTypes ? EmbeddingTypes.Name(row.Type) + " at " : "")
            + Text($"{row.Dimensions} of {advice.Rows[^1].Dimensions} dimensions");

    private static string Kept(DimensionRecommendation advice, RecommendationRow row)
    {
        string share = $"{Percent(row.Share)} of the full width's {advice.Metric}";
        return advice.Resamples == 0 ? share : $"{share} ({Level(advice.Confidence)} interval {Interval(row)})";
    }

    private static string Storage(DimensionRecommendation advice, RecommendationRow row)
        => Text($"in {row.BytesPerVector:#,0} bytes per vector instead of {advice.Rows[^1].BytesPerVector:#,0} in float32");

    // 98.96 % must not read as 99.0 % next to a verdict that it does not keep 99 %.
    private static string Digits(double share)
        => (Math.Floor(Math.Round(share * 1_000, 6)) / 10).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
