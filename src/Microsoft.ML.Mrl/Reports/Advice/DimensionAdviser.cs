using System.Globalization;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Reports.Advice;

/// <summary>Judges every row of a report by the share that it keeps of the metric at the full width in single precision.</summary>
internal static class DimensionAdviser
{
    public static DimensionRecommendation Recommend(DimensionReport report, double keep, RecommendationOptions options)
    {
        string metric = options.Metric ?? report.PrimaryMetric;
        double full = report.Rows[^1][metric];
        ((double Low, double High)[]? intervals, int resamples, string gap) =
            Resample(report.Resampled.GetValueOrDefault(metric), report.Task, options);
        RecommendationRow[] judged = [.. report.Rows.Select((row, i) => Judge(row, row[metric], full, intervals?[i], keep))];
        return new DimensionRecommendation(report, metric, keep, options.Confidence, resamples, gap, Array.AsReadOnly(judged));
    }

    /// <summary>The intervals of the shares and the number of resamples, or the reason why there are none.</summary>
    private static ((double Low, double High)[]? Intervals, int Resamples, string Gap) Resample(
        ResampledMetric? rows, string task, RecommendationOptions options)
    {
        if (rows is null)
        {
            return (null, 0, "the report does not hold the values of its rows");
        }
        string asked = string.Create(CultureInfo.InvariantCulture, $"{rows.Rows} {ReportTasks.Rows(task)}");
        if (rows.Rows < ShareBootstrap.MinRows)
        {
            return (null, 0, $"{asked} are too few to resample, {ShareBootstrap.MinRows} are needed");
        }
        int resamples = ShareBootstrap.Affordable(rows, options.Resamples);
        return resamples == 0
            ? (null, 0, string.Create(CultureInfo.InvariantCulture, $"{asked} at {rows.Dimensions} dimensions are too many to resample"))
            : (ShareBootstrap.Intervals(rows, resamples, options.Confidence, options.Seed), resamples, "");
    }

    private static RecommendationRow Judge(DimensionRow row, double value, double full, (double Low, double High)? interval, double keep)
    {
        if (!(full > 0))
        {
            return new RecommendationRow(row, value, double.NaN, null, KeepVerdict.Undefined);
        }
        double share = value / full;
        (double low, double high) = interval ?? (share, share);
        KeepVerdict verdict = double.IsNaN(share) || high < keep ? KeepVerdict.Falls
            : share >= keep && low >= keep ? KeepVerdict.Keeps
            : KeepVerdict.Unsure;
        return new RecommendationRow(row, value, share, interval, verdict);
    }
}
