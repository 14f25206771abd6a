using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Tests.Reports;

/// <summary>Reports to be printed.</summary>
internal static class SampleReports
{
    public static DimensionReport Retrieval(string system, double lift, int width = 768)
    {
        MatryoshkaDimensions dimensions = MatryoshkaDimensions.HalvedFrom(width);
        double[][] values =
        [
            .. dimensions.Select(m =>
            {
                double quality = 0.75 * (1 - Math.Pow(m / 3.0, -lift));
                return (double[])[quality * 0.8, Math.Min(1, quality * 1.25), quality, quality * 0.9, quality * 0.85];
            }),
        ];
        return new DimensionReport(
            "retrieval", ["Recall@1", "Recall@10", "nDCG@10", "MRR@10", "MAP"], "nDCG@10", dimensions, values, width, 300).WithName(system);
    }

    /// <summary>The same with values of rows, so that intervals can be had.</summary>
    public static DimensionReport WithRows(string system, int rows, params (int Dimensions, int Right)[] dimensions) => new DimensionReport(
        "classification",
        ["1-NN"],
        "1-NN",
        new MatryoshkaDimensions(dimensions.Select(d => d.Dimensions)),
        [.. dimensions.Select(d => (double[])[(double)d.Right / rows])],
        dimensions[^1].Dimensions,
        rows,
        resampled: new Dictionary<string, ResampledMetric>
        {
            ["1-NN"] = new MeanMetric(
                [.. dimensions.Select(d => (float[])[.. Enumerable.Range(0, rows).Select(i => i * 7919 % rows < d.Right ? 1f : 0)])]),
        }).WithName(system);

    /// <summary>A report of several types, whose values fall with the bytes of a vector.</summary>
    public static DimensionReport Typed(string name, int rows)
    {
        MatryoshkaDimensions dimensions = [8, 16, 32, 64, 128, 256];
        EmbeddingType[] types = [EmbeddingType.Binary, EmbeddingType.Int8, EmbeddingType.Single];
        double[][] values = [
            .. types.SelectMany((_, t) => dimensions.Select(m => (double[])[(1 - (1.5 / Math.Sqrt(m))) * (0.8 + (0.05 * t))]))];
        return new DimensionReport(
            "classification", ["1-NN"], "1-NN", dimensions, values, 256, rows, note: "both sides are quantized", types: types)
            .WithName(name);
    }
}
