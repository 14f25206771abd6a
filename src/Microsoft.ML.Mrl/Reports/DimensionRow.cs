using System.Globalization;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl;

/// <summary>Represents what was measured with embeddings cut to one number of dimensions and stored as one type.</summary>
/// <remarks>This type is immutable and safe for concurrent use.</remarks>
public sealed class DimensionRow
{
    private readonly IReadOnlyList<string> _metrics;
    private readonly double[] _values;

    internal DimensionRow(EmbeddingType type, int dimensions, IReadOnlyList<string> metrics, double[] values, double shareOfFull)
    {
        Type = type;
        Dimensions = dimensions;
        _metrics = metrics;
        _values = values;
        ShareOfFull = shareOfFull;
    }

    /// <summary>Gets the type that the vectors were stored as.</summary>
    public EmbeddingType Type { get; }

    /// <summary>
    /// Gets the number of dimensions m. Every vector was cut to its first m values, rescaled to unit length, and then quantized to the
    /// type.
    /// </summary>
    public int Dimensions { get; }

    /// <summary>Gets the number of bytes that the values of one vector take.</summary>
    public long BytesPerVector => EmbeddingTypes.Bytes(Type, Dimensions);

    /// <summary>
    /// Gets the report's primary metric here, divided by its value at the full width in single precision. It is <see cref="double.NaN"/> if
    /// the full width was not evaluated, or if its value is 0 or NaN.
    /// </summary>
    public double ShareOfFull { get; }

    /// <summary>
    /// Gets the value of a metric. Accuracies, recalls, nDCG, MRR and MAP lie in [0, 1], correlations in [-1, 1]. NaN means that the metric
    /// is undefined.
    /// </summary>
    /// <param name="metric">The metric's name, one of <see cref="DimensionReport.Metrics"/>.</param>
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

    /// <summary>Returns the type if it is not single precision, the number of dimensions and the metrics on one line.</summary>
    public override string ToString()
    {
        IEnumerable<string> values = _metrics.Select(
            (metric, i) => string.Create(CultureInfo.InvariantCulture, $"{metric} {_values[i]:0.0000}"));
        string type = Type == EmbeddingType.Single ? "" : EmbeddingTypes.Name(Type) + ", ";
        return string.Create(CultureInfo.InvariantCulture, $"{type}{Dimensions}: {string.Join(", ", values)}");
    }
}
