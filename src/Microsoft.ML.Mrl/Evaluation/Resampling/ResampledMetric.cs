namespace Microsoft.ML.Mrl;

/// <summary>A metric that can be computed anew on a resample of the rows that it was measured on, at every dimension.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal abstract class ResampledMetric
{
    /// <summary>The number of rows, pairs or queries N.</summary>
    public abstract int Rows { get; }

    /// <summary>The number of dimensions M.</summary>
    public abstract int Dimensions { get; }

    /// <summary>The metric at every dimension when row i counts as often as <paramref name="times"/> says.</summary>
    /// <param name="times">How often each of the N rows was drawn, whole numbers.</param>
    /// <param name="scores">Room for M values; NaN where the metric is undefined.</param>
    public abstract void Score(ReadOnlySpan<float> times, Span<double> scores);
}
