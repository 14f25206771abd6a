namespace Microsoft.ML.Mrl.Resampling;

/// <summary>Represents one metric of several evaluations of the same rows, as if it were of one with all their dimensions.</summary>
/// <param name="parts">The evaluations' metrics, of as many rows each.</param>
internal sealed class JoinedMetric(ResampledMetric[] parts) : ResampledMetric
{
    public override int Rows => parts[0].Rows;

    public override int Dimensions { get; } = parts.Sum(part => part.Dimensions);

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        foreach (ResampledMetric part in parts)
        {
            part.Score(times, scores[..part.Dimensions]);
            scores = scores[part.Dimensions..];
        }
    }
}

/// <summary>Represents the weighted mean of several metrics, all of the same rows and dimensions.</summary>
/// <param name="parts">The metrics and their weights, at least one.</param>
internal sealed class MixedMetric((ResampledMetric Metric, double Weight)[] parts) : ResampledMetric
{
    public override int Rows => parts[0].Metric.Rows;

    public override int Dimensions => parts[0].Metric.Dimensions;

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        double total = parts.Sum(part => part.Weight);
        Span<double> ofPart = stackalloc double[scores.Length];
        scores.Clear();
        foreach ((ResampledMetric part, double weight) in parts)
        {
            part.Score(times, ofPart);
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] += ofPart[i] * weight / total;
            }
        }
    }
}
