namespace Microsoft.ML.Mrl;

/// <summary>A metric that is the mean of a value of each row, such as an accuracy or a recall.</summary>
/// <param name="values">The values, <c>[M][N]</c>, rounded to single precision.</param>
internal sealed class MeanMetric(float[][] values) : ResampledMetric
{
    public override int Rows => values[0].Length;

    public override int Dimensions => values.Length;

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        double count = 0;
        foreach (float time in times)
        {
            count += time;
        }
        for (int i = 0; i < values.Length; i++)
        {
            scores[i] = PrefixNorms.Dot(times, values[i]) / count;
        }
    }
}
