using System.Globalization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Reports.Advice;

/// <summary>Judges every dimension of a report by the share that it keeps of the full width's metric.</summary>
internal static class DimensionAdviser
{
    public static DimensionRecommendation Recommend(DimensionReport report, double keep, RecommendationOptions options)
    {
        string metric = options.Metric ?? report.PrimaryMetric;
        double full = report[report.FullDimensions][metric];
        ((double Low, double High)[]? intervals, int resamples, string gap) = Resample(report.Resampled.GetValueOrDefault(metric), report.Task, options);
        RecommendationRow[] judged = [.. report.Rows.Select((row, i) => Judge(row.Dimensions, row[metric], full, intervals?[i], keep))];
        return new DimensionRecommendation(report, metric, keep, options.Confidence, resamples, gap, Array.AsReadOnly(judged));
    }

    /// <summary>The intervals of shares, and of how many resamples; or why there can be none.</summary>
    /// <param name="rows">The metric, whose last dimension is the full width; null where the values of rows are not at hand.</param>
    /// <param name="task">The task.</param>
    /// <param name="options">How sure, how many, with what seed.</param>
    public static ((double Low, double High)[]? Intervals, int Resamples, string Gap) Resample(ResampledMetric? rows, string task, RecommendationOptions options)
    {
        if (rows is null)
        {
            return (null, 0, "the report does not hold the values of its rows");
        }
        if (rows.Rows < ShareBootstrap.FewestRows)
        {
            return (null, 0, string.Create(CultureInfo.InvariantCulture, $"{rows.Rows} {Words.Rows(task)} are too few to resample, {ShareBootstrap.FewestRows} are needed"));
        }
        int resamples = ShareBootstrap.Affordable(rows, options.Resamples);
        return resamples == 0
            ? (null, 0, string.Create(CultureInfo.InvariantCulture, $"{rows.Rows} {Words.Rows(task)} at {rows.Dimensions} dimensions are too many to resample"))
            : (ShareBootstrap.Intervals(rows, resamples, options.Confidence, options.Seed), resamples, "");
    }

    private static RecommendationRow Judge(int dimensions, double value, double full, (double Low, double High)? interval, double keep)
    {
        (double share, KeepVerdict verdict) = Judge(value, full, interval, keep);
        return verdict == KeepVerdict.Undefined
            ? new RecommendationRow(dimensions, value, double.NaN, double.NaN, double.NaN, verdict)
            : new RecommendationRow(dimensions, value, share, interval?.Low ?? double.NaN, interval?.High ?? double.NaN, verdict);
    }

    /// <summary>The share that a value is of the full width's, and whether that is enough.</summary>
    public static (double Share, KeepVerdict Verdict) Judge(double value, double full, (double Low, double High)? interval, double keep)
    {
        if (!(full > 0))
        {
            return (double.NaN, KeepVerdict.Undefined);
        }
        double share = value / full;
        (double low, double high) = interval ?? (share, share);
        KeepVerdict verdict = double.IsNaN(share) || high < keep ? KeepVerdict.Falls
            : share >= keep && low >= keep ? KeepVerdict.Keeps
            : KeepVerdict.Unsure;
        return (share, verdict);
    }
}
