namespace Microsoft.ML.Mrl;

/// <summary>What each row, pair or query adds to one metric at every dimension: filled by an evaluation that is asked for it, in its one pass.</summary>
internal sealed class RowValues
{
    private readonly double[][] _values;
    private readonly double[] _weights;

    /// <param name="dimensions">The number of dimensions M.</param>
    /// <param name="rows">The number of rows N.</param>
    public RowValues(int dimensions, int rows)
    {
        _values = [.. Enumerable.Range(0, dimensions).Select(_ => new double[rows])];
        _weights = new double[rows];
        Array.Fill(_weights, 1);
    }

    public int Rows => _weights.Length;

    public int Dimensions => _values.Length;

    /// <summary>What each row counts in the metric, a weighted mean of the values. 1 unless an evaluation says otherwise; 0 for a row that was left out.</summary>
    public Span<double> Weights => _weights;

    /// <summary>The N values at a dimension.</summary>
    /// <param name="dimension">The dimension's position, 0 for the smallest.</param>
    public Span<double> At(int dimension) => _values[dimension];
}
