namespace Microsoft.ML.Mrl.Resampling;

/// <summary>The weighted mean of several metrics, all of the same rows and dimensions.</summary>
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
