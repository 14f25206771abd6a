using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Resampling;

/// <summary>Represents a metric that is the mean of a value of each row, such as an accuracy or a recall.</summary>
/// <param name="values">The values, <c>[M][N]</c>, rounded to single precision.</param>
internal sealed class MeanMetric(float[][] values) : ResampledMetric
{
    private readonly float[][] _values = values;

    public override int Rows => _values[0].Length;

    public override int Dimensions => _values.Length;

    /// <summary>
    /// Returns the mean of some metrics of the same rows, row by row: where they are accuracies of two kinds each row has 0, ½ or 1, and
    /// equal counts make exactly equal scores.
    /// </summary>
    /// <param name="parts">The metrics, which are the <see cref="ResampledMetric.Parts"/> of the result.</param>
    public static MeanMetric Average(params (string Name, MeanMetric Metric)[] parts)
    {
        MeanMetric first = parts[0].Metric;
        var values = new float[first.Dimensions][];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = new float[first.Rows];
            for (int row = 0; row < first.Rows; row++)
            {
                values[i][row] = parts.Sum(part => part.Metric._values[i][row]) / parts.Length;
            }
        }
        return new MeanMetric(values) { Parts = [.. parts.Select(part => (part.Name, (ResampledMetric)part.Metric))] };
    }

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        double count = 0;
        foreach (float time in times)
        {
            count += time;
        }
        for (int i = 0; i < _values.Length; i++)
        {
            scores[i] = PrefixNorms.Dot(times, _values[i]) / count;
        }
    }
}
