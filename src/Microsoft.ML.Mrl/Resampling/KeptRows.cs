namespace Microsoft.ML.Mrl.Resampling;

/// <summary>
/// Represents the value of every row at every dimension, for those metrics of an evaluation that fit in a memory budget, the primary one
/// first. The evaluation fills it in its only pass.
/// </summary>
internal sealed class KeptRows
{
    /// <summary>The maximum number of values kept for one report: 256 MB.</summary>
    public const long MaxValues = 1 << 26;

    private readonly string[] _metrics;
    private readonly float[]?[][] _values;

    /// <param name="metrics">The K metrics.</param>
    /// <param name="primary">The position of the primary one.</param>
    /// <param name="dimensions">The number of dimensions M.</param>
    /// <param name="rows">The number of rows N.</param>
    /// <param name="mostValues">The budget.</param>
    public KeptRows(string[] metrics, int primary, int dimensions, int rows, long mostValues = MaxValues)
    {
        _metrics = metrics;
        _values = new float[metrics.Length][][];
        long left = mostValues;
        foreach (int k in Enumerable.Range(0, metrics.Length).OrderBy(k => k == primary ? 0 : 1))
        {
            bool fits = (long)dimensions * rows <= left;
            left -= fits ? (long)dimensions * rows : 0;
            _values[k] = [.. Enumerable.Range(0, dimensions).Select(_ => fits ? new float[rows] : null)];
        }
    }

    /// <summary>Returns the N values of a metric at a dimension; empty where they are not kept.</summary>
    public Span<float> At(int metric, int dimension) => _values[metric][dimension];

    /// <summary>Returns the metrics that can be computed on resamples, by name.</summary>
    /// <param name="used">The rows that count, or null for all.</param>
    public Dictionary<string, ResampledMetric> ToMetrics(int[]? used = null)
    {
        var metrics = new Dictionary<string, ResampledMetric>(StringComparer.Ordinal);
        for (int k = 0; k < _metrics.Length; k++)
        {
            if (_values[k].All(values => values is not null))
            {
                metrics.Add(
                    _metrics[k],
                    new MeanMetric([.. _values[k].Select(values => used is null ? values! : Array.ConvertAll(used, row => values![row]))]));
            }
        }
        return metrics;
    }
}
