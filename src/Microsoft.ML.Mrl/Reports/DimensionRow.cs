using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>What was measured with the embeddings cut at one dimension.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class DimensionRow
{
    private readonly IReadOnlyList<string> _metrics;
    private readonly double[] _values;

    internal DimensionRow(int dimensions, IReadOnlyList<string> metrics, double[] values, double shareOfFull)
    {
        Dimensions = dimensions;
        _metrics = metrics;
        _values = values;
        ShareOfFull = shareOfFull;
    }

    /// <summary>The prefix length m at which every vector was cut, then rescaled to unit length.</summary>
    public int Dimensions { get; }

    /// <summary>The bytes that one vector of this many single-precision values takes: 4 a value.</summary>
    public long BytesPerVector => 4L * Dimensions;

    /// <summary>
    /// The report's primary metric here divided by the same metric at the full width. <see cref="double.NaN"/> where the full width
    /// was not evaluated, or its value is 0 or NaN.
    /// </summary>
    public double ShareOfFull { get; }

    /// <summary>A metric's value. Accuracies, recalls, nDCG, MRR and MAP lie in [0, 1], correlations in [-1, 1]; NaN means undefined.</summary>
    /// <param name="metric">The name, one of <see cref="DimensionReport.Metrics"/>.</param>
    /// <exception cref="KeyNotFoundException">The report has no such metric.</exception>
    public double this[string metric]
    {
        get
        {
            for (int i = 0; i < _values.Length; i++)
            {
                if (_metrics[i] == metric)
                {
                    return _values[i];
                }
            }
            throw new KeyNotFoundException($"No metric '{metric}' here. Choose one of: {string.Join(", ", _metrics)}.");
        }
    }

    /// <summary>The dimension and its metrics on one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Dimensions}: {string.Join(", ", _metrics.Select((metric, i) => string.Create(CultureInfo.InvariantCulture, $"{metric} {_values[i]:0.0000}")))}");
}
