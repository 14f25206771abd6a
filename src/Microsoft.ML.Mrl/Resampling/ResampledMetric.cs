namespace Microsoft.ML.Mrl.Resampling;

/// <summary>Represents a metric that can be computed anew on a resample of the rows that it was measured on, at every dimension.</summary>
/// <remarks>
/// This type is safe for concurrent use.
/// </remarks>
internal abstract class ResampledMetric
{
    /// <summary>Gets the number of rows, pairs or queries N.</summary>
    public abstract int Rows { get; }

    /// <summary>Gets the number of dimensions M.</summary>
    public abstract int Dimensions { get; }

    /// <summary>
    /// Gets the metrics that this one combines, by name, on the same rows, if each of them must be checked as well. The default is none.
    /// </summary>
    public IReadOnlyList<(string Name, ResampledMetric Metric)> Parts { get; init; } = [];

    /// <summary>The metric at every dimension when row i counts as often as <paramref name="times"/> says.</summary>
    /// <param name="times">The number of times that each of the N rows was drawn, whole numbers.</param>
    /// <param name="scores">Room for M values; NaN where the metric is undefined.</param>
    public abstract void Score(ReadOnlySpan<float> times, Span<double> scores);

    /// <summary>Returns the metric at every dimension of the rows themselves, each once.</summary>
    public double[] Score()
    {
        var scores = new double[Dimensions];
        var once = new float[Rows];
        Array.Fill(once, 1);
        Score(once, scores);
        return scores;
    }
}
