using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Reports.Advice;

/// <summary>Judges every type and dimension of a report by the share that it keeps of the full width's metric in single precision.</summary>
internal static class QuantizationAdviser
{
    public static QuantizationRecommendation Recommend(QuantizationReport report, double keep, RecommendationOptions options)
    {
        string metric = options.Metric ?? report.PrimaryMetric;
        double full = report.Rows[^1][metric];
        ((double Low, double High)[]? intervals, int resamples, string gap) = DimensionAdviser.Resample(report.Resampled.GetValueOrDefault(metric), report.Task, options);
        QuantizationRecommendationRow[] judged =
        [
            .. report.Rows.Select((row, i) =>
            {
                (double share, KeepVerdict verdict) = DimensionAdviser.Judge(row[metric], full, intervals?[i], keep);
                return new QuantizationRecommendationRow(row.Type, row.Dimensions, row[metric], share, intervals?[i], verdict);
            }),
        ];
        return new QuantizationRecommendation(report, metric, keep, options.Confidence, resamples, gap, Array.AsReadOnly(judged));
    }
}
