namespace Microsoft.ML.Mrl.Resampling;

/// <summary>One metric of several evaluations of the same rows, as if it were of one with all their dimensions.</summary>
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
