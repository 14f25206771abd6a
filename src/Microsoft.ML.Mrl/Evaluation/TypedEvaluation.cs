using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Evaluates a task with the vectors that quantized ones stand for, for every type and number of dimensions.</summary>
internal static class TypedEvaluation
{
    /// <summary>Makes a task's report for the vectors of its two sides; the second is null where both sides are one.</summary>
    public delegate DimensionReport Evaluate(EmbeddingMatrix queries, EmbeddingMatrix? stored, MatryoshkaDimensions dimensions);

    /// <summary>
    /// Single precision is one pass for all dimensions. For the other types every vector is cut, rescaled and quantized at each dimension
    /// anew, since no type's vector is the prefix of a longer one.
    /// </summary>
    /// <param name="queries">The side that asks, <c>[Q, D]</c>.</param>
    /// <param name="stored">The side that is stored, <c>[N, D]</c>, or null if both are one.</param>
    /// <param name="calibration">
    /// Returns the rows to find ranges in, <c>[R, D]</c>. Called only where there are other types than single precision.
    /// </param>
    /// <param name="calibratedOn">The name of these rows in the note.</param>
    /// <param name="quantizeQueries">Whether both sides are quantized.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="types">The types; single precision is evaluated even if it is not among them.</param>
    /// <param name="evaluate">The task.</param>
    public static DimensionReport Run(
        EmbeddingMatrix queries,
        EmbeddingMatrix? stored,
        Func<EmbeddingMatrix> calibration,
        string calibratedOn,
        bool quantizeQueries,
        MatryoshkaDimensions dimensions,
        IReadOnlyList<EmbeddingType> types,
        Evaluate evaluate)
    {
        EmbeddingType[] coarse = [.. types.Where(type => type != EmbeddingType.Single).OrderDescending()];
        DimensionReport full = evaluate(queries, stored, dimensions);
        if (coarse.Length == 0)
        {
            return full;
        }
        EmbeddingMatrix calibrated = calibration();
        var reports = new List<DimensionReport>();
        foreach (EmbeddingType type in coarse)
        {
            foreach (int m in dimensions)
            {
                Int8Ranges? ranges = type == EmbeddingType.Int8 ? QuantizedRows.FindRanges(calibrated, m) : null;
                EmbeddingMatrix asking = QuantizedRows.RoundTrip(queries, quantizeQueries ? type : EmbeddingType.Single, m, ranges);
                EmbeddingMatrix? answering = stored is null ? null : QuantizedRows.RoundTrip(stored.Value, type, m, ranges);
                reports.Add(evaluate(asking, answering, [m]));
            }
        }
        reports.Add(full);
        string asked = full.Task == ClassificationEvaluation.Task ? "rows to classify" : "queries";
        string[] notes =
        [
            quantizeQueries ? "both sides are quantized" : $"{asked} stay in single precision, what they are compared with is quantized",
            .. coarse.Contains(EmbeddingType.Int8) ? (string[])[$"ranges of signed bytes are those of {calibratedOn}"] : [],
            .. full.Note.Length > 0 ? (string[])[full.Note] : [],
        ];
        return new DimensionReport(
            full.Task,
            full.Metrics,
            full.PrimaryMetric,
            dimensions,
            [.. reports.SelectMany(report => report.Rows).Select(row => (double[])[.. full.Metrics.Select(metric => row[metric])])],
            queries.Width,
            full.Count,
            full.Skipped,
            string.Join("; ", notes),
            Join(full, reports),
            [.. coarse, EmbeddingType.Single]);
    }

    /// <summary>Returns the problems of the types of an evaluation's options.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<EmbeddingType>? types)
    {
        if (types is null || types.Count == 0)
        {
            yield return $"Types are not given; name at least one, such as {EmbeddingType.Int8}.";
        }
        else if (types.Any(type => !Enum.IsDefined(type)) || types.Distinct().Count() < types.Count)
        {
            yield return $"Types are {string.Join(", ", types)}; choose of {string.Join(", ", Enum.GetNames<EmbeddingType>())}, each once.";
        }
    }

    /// <summary>Reads the rows to find ranges in.</summary>
    /// <param name="calibration">The view.</param>
    /// <param name="columnName">The column, which has the name of what is quantized.</param>
    /// <param name="width">The width D of what is quantized.</param>
    public static EmbeddingMatrix ReadCalibration(IDataView calibration, string columnName, int width)
    {
        EmbeddingMatrix rows = EmbeddingColumnReader.ReadAll(calibration, columnName, "calibration embedding", nameof(calibration));
        if (rows.Width != width)
        {
            throw SchemaErrors.Mismatch(
                nameof(calibration),
                "calibration embedding",
                columnName,
                $"Vector<Single, {width}>",
                $"Vector<Single, {rows.Width}>");
        }
        return rows.Count > 0
            ? rows
            : throw new InvalidOperationException(
                "Cannot find the ranges of signed bytes: the calibration view has no rows. Check the view and its filters.");
    }

    /// <summary>Joins the metrics of all reports by name, as many as fit into the memory of one report.</summary>
    private static Dictionary<string, ResampledMetric> Join(DimensionReport full, List<DimensionReport> reports)
    {
        var joined = new Dictionary<string, ResampledMetric>(StringComparer.Ordinal);
        long left = full.Task == SimilarityEvaluation.Task ? KeptRows.MaxValues / 4 : KeptRows.MaxValues;
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
