using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation.Quantization;

/// <summary>Evaluates a task with what quantized vectors stand for, at every type and dimension.</summary>
internal static class QuantizationEvaluation
{
    /// <summary>A task's report for vectors of its two sides; where both sides are one, the second is null.</summary>
    public delegate DimensionReport Evaluate(EmbeddingMatrix queries, EmbeddingMatrix? stored, MatryoshkaDimensions dimensions);

    /// <summary>
    /// Single precision is one pass for all dimensions. For the others every vector is cut, rescaled and quantized at each dimension anew, since no type's vector is the prefix of a longer one.
    /// </summary>
    /// <param name="queries">The side that asks, <c>[Q, D]</c>.</param>
    /// <param name="stored">The side that is stored, <c>[N, D]</c>; null where both are one.</param>
    /// <param name="calibration">The rows to find ranges in, <c>[R, D]</c>; null for what is stored.</param>
    /// <param name="calibratedOn">What those rows are called in the note.</param>
    /// <param name="quantizeQueries">Whether both sides are quantized.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="options">The types.</param>
    /// <param name="evaluate">The task.</param>
    public static QuantizationReport Run(
        EmbeddingMatrix queries,
        EmbeddingMatrix? stored,
        EmbeddingMatrix calibration,
        string calibratedOn,
        bool quantizeQueries,
        MatryoshkaDimensions dimensions,
        QuantizationOptions options,
        Evaluate evaluate)
    {
        EmbeddingType[] types = [.. options.Types.Append(EmbeddingType.Float32).Distinct().OrderDescending()];
        var reports = new List<DimensionReport>();
        foreach (EmbeddingType type in types.SkipLast(1))
        {
            foreach (int m in dimensions)
            {
                Int8Ranges? ranges = type == EmbeddingType.Int8 ? QuantizedRows.FindRanges(calibration, m) : null;
                EmbeddingMatrix asking = QuantizedRows.ThereAndBack(queries, quantizeQueries ? type : EmbeddingType.Float32, m, ranges);
                EmbeddingMatrix? answering = stored is null ? null : QuantizedRows.ThereAndBack(stored.Value, type, m, ranges);
                reports.Add(evaluate(asking, answering, [m]));
            }
        }
        DimensionReport full = evaluate(queries, stored, dimensions);
        reports.Add(full);
        string[] notes =
        [
            quantizeQueries
                ? "both sides are quantized"
                : $"{(full.Task == ClassificationEvaluation.Task ? "rows to classify" : "queries")} stay in single precision, what they are compared with is quantized",
            .. types.Contains(EmbeddingType.Int8) ? (string[])[$"ranges of signed bytes are those of {calibratedOn}"] : [],
            .. full.Note.Length > 0 ? (string[])[full.Note] : [],
        ];
        return new QuantizationReport(
            full.Task,
            full.Metrics,
            full.PrimaryMetric,
            types,
            dimensions,
            [.. reports.SelectMany(report => report.Rows).Select(row => (double[])[.. full.Metrics.Select(metric => row[metric])])],
            queries.Width,
            full.Count,
            full.Skipped,
            string.Join("; ", notes),
            Join(full, reports));
    }

    /// <summary>The metrics of all reports as one each, as many as fit in the memory that one report may take.</summary>
    private static Dictionary<string, ResampledMetric> Join(DimensionReport full, List<DimensionReport> reports)
    {
        var joined = new Dictionary<string, ResampledMetric>(StringComparer.Ordinal);
        long left = full.Task == SimilarityEvaluation.Task ? KeptRows.MostValues / 4 : KeptRows.MostValues;
        foreach (string metric in full.Metrics.OrderBy(metric => metric == full.PrimaryMetric ? 0 : 1))
        {
            ResampledMetric?[] parts = [.. reports.Select(report => report.Resampled.GetValueOrDefault(metric))];
            long size = parts.Sum(part => part is null ? 0 : (long)part.Rows * part.Dimensions);
            if (parts.All(part => part is not null) && size <= left)
            {
                joined.Add(metric, new JoinedMetric(parts!));
                left -= size;
            }
        }
        return joined;
    }
}
