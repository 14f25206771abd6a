using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>Judges every dimension of a report by the share that it keeps of the full width's metric.</summary>
internal static class DimensionAdviser
{
    public static DimensionRecommendation Recommend(DimensionReport report, double keep, RecommendationOptions options)
    {
        string metric = options.Metric ?? report.PrimaryMetric;
        double full = report[report.FullDimensions][metric];
        (double Low, double High)[]? intervals = null;
        int resamples = 0;
        string gap = Gap(report, metric);
        if (gap.Length == 0)
        {
            ResampledMetric rows = report.Resampled[metric];
            resamples = ShareBootstrap.Affordable(rows, options.Resamples);
            gap = resamples > 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{rows.Rows} {Words.Rows(report.Task)} at {rows.Dimensions} dimensions are too many to resample");
            intervals = resamples > 0 ? ShareBootstrap.Intervals(rows, resamples, options.Confidence, options.Seed) : null;
        }
        RecommendationRow[] judged = [.. report.Rows.Select((row, i) => Judge(row.Dimensions, row[metric], full, intervals?[i], keep))];
        return new DimensionRecommendation(report, metric, keep, options.Confidence, resamples, gap, Array.AsReadOnly(judged));
    }

    /// <summary>Why there can be no intervals; empty where there can.</summary>
    private static string Gap(DimensionReport report, string metric)
        => !report.Resampled.TryGetValue(metric, out ResampledMetric? rows) ? "the report does not hold the values of its rows"
            : rows.Rows < ShareBootstrap.FewestRows ? string.Create(
                CultureInfo.InvariantCulture, $"{rows.Rows} {Words.Rows(report.Task)} are too few to resample, {ShareBootstrap.FewestRows} are needed")
            : "";

    private static RecommendationRow Judge(int dimensions, double value, double full, (double Low, double High)? interval, double keep)
    {
        if (!(full > 0))
        {
            return new RecommendationRow(dimensions, value, double.NaN, double.NaN, double.NaN, KeepVerdict.Undefined);
        }
        double share = value / full;
        (double low, double high) = interval ?? (share, share);
        KeepVerdict verdict = double.IsNaN(share) || high < keep ? KeepVerdict.Falls
            : share >= keep && low >= keep ? KeepVerdict.Keeps
            : KeepVerdict.Unsure;
        return new RecommendationRow(dimensions, value, share, interval?.Low ?? double.NaN, interval?.High ?? double.NaN, verdict);
    }
}
