namespace Microsoft.ML.Mrl;

/// <summary>A metric of an evaluation's report, on resamples of its rows.</summary>
internal sealed class ResampledRows(ResampledMetric metric) : RowScores
{
    public override int Rows => metric.Rows;

    public override int Dimensions => metric.Dimensions;

    public override void Of(ReadOnlySpan<int> times, Span<double> scores)
    {
        var counts = new float[times.Length];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = times[i];
        }
        metric.Score(counts, scores);
    }
}
