namespace Microsoft.ML.Mrl.Resampling;

/// <summary>
/// Represents a metric that is the weighted mean of a value of each row, Σ t w v / Σ t w, t how often the row was drawn, in double
/// precision. The caller fills it, such as an evaluation in its only pass.
/// </summary>
internal sealed class WeightedMeanMetric : ResampledMetric
{
    private readonly double[][] _values;
    private readonly double[] _weights;

    /// <param name="dimensions">The number of dimensions M.</param>
    /// <param name="rows">The number of rows N.</param>
    public WeightedMeanMetric(int dimensions, int rows)
    {
        _values = [.. Enumerable.Range(0, dimensions).Select(_ => new double[rows])];
        _weights = new double[rows];
        Array.Fill(_weights, 1);
    }

    public override int Rows => _weights.Length;

    public override int Dimensions => _values.Length;

    /// <summary>Gets the weight of each row: 1 by default, and 0 for a row that was left out.</summary>
    public Span<double> Weights => _weights;

    /// <summary>Returns the N values at a dimension.</summary>
    /// <param name="dimension">The dimension's position, 0 for the smallest.</param>
    public Span<double> At(int dimension) => _values[dimension];

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        double sum = 0;
        for (int i = 0; i < times.Length; i++)
        {
            sum += times[i] * _weights[i];
        }
        for (int m = 0; m < scores.Length; m++)
        {
            double[] values = _values[m];
            double total = 0;
            for (int i = 0; i < times.Length; i++)
            {
                total += times[i] * _weights[i] * values[i];
            }
            scores[m] = total / sum;
        }
    }
}
