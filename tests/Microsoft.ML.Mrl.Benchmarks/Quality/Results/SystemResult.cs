using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>What one system reached, seed by seed.</summary>
/// <param name="System">The system.</param>
/// <param name="Runs">A report for each seed.</param>
internal sealed record SystemResult(QualitySystem System, IReadOnlyList<DimensionReport> Runs)
{
    private const int Resamples = 200;

    /// <summary>The mean over seeds.</summary>
    public double Mean(string metric, int dimensions) => Runs.Average(run => run[dimensions][metric]);

    /// <summary>The standard errors at all dimensions, by resamples of the test rows of the first seed; NaN where there are none.</summary>
    public double[] StandardErrors(string metric)
    {
        if (!Runs[0].Resampled.TryGetValue(metric, out ResampledMetric? rows))
        {
            return [.. Runs[0].Dimensions.Select(_ => double.NaN)];
        }
        var random = new Random(1);
        var times = new float[rows.Rows];
        double[][] scores = [.. Enumerable.Range(0, Resamples).Select(_ => new double[rows.Dimensions])];
        foreach (double[] resample in scores)
        {
            Bootstrap.Draw(random, times);
            rows.Score(times, resample);
        }
        return
        [
            .. Enumerable.Range(0, rows.Dimensions).Select(m =>
            {
                double mean = scores.Average(s => s[m]);
                return Math.Sqrt(scores.Sum(s => (s[m] - mean) * (s[m] - mean)) / (Resamples - 1));
            }),
        ];
    }
}
