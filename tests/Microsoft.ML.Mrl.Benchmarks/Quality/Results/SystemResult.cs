namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>What one system reached, seed by seed.</summary>
/// <param name="System">The system.</param>
/// <param name="Runs">For each seed a row for every dimension, ascending.</param>
/// <param name="Seconds">The mean time to fit and measure after the first seed, or of the first if there is no other.</param>
internal sealed record SystemResult(QualitySystem System, IReadOnlyList<IReadOnlyList<DimensionRow>> Runs, double Seconds)
{
    /// <summary>The mean over seeds.</summary>
    public double Mean(string metric, int dimension) => Runs.Average(run => run[dimension][metric]);

    /// <summary>The standard deviation over seeds, by n − 1; 0 for one run.</summary>
    public double Deviation(string metric, int dimension)
    {
        double mean = Mean(metric, dimension);
        return Runs.Count < 2 ? 0 : Math.Sqrt(Runs.Sum(run => Math.Pow(run[dimension][metric] - mean, 2)) / (Runs.Count - 1));
    }
}
