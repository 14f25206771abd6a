using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors.Decomposition;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>
/// Finds the shrunken linear discriminant in closed form, without a native library. The class means are read from the data view once.
/// </summary>
internal sealed class DiscriminantRotateEstimator : IEstimator<RotationTransformer>
{
    private const int LargestWidth = 4096;

    private readonly IHost _host;
    private readonly (string Output, string Input)[] _columns;
    private readonly string _labelColumnName;
    private readonly int _dimensions;
    private readonly double _shrinkage;

    public DiscriminantRotateEstimator(IHostEnvironment environment, string outputColumnName, string? inputColumnName,
        string labelColumnName, int dimensions, double shrinkage)
    {
        ArgumentNullException.ThrowIfNull(outputColumnName);
        ArgumentNullException.ThrowIfNull(labelColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (!(shrinkage is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(shrinkage), shrinkage,
                "Shrinkage is a share above 0 and at most 1. Choose 0.5 where nothing better is known.");
        }
        _host = environment.Register(nameof(DiscriminantRotateEstimator));
        _columns = [(outputColumnName, inputColumnName ?? outputColumnName)];
        _labelColumnName = labelColumnName;
        _dimensions = dimensions;
        _shrinkage = shrinkage;
    }

    /// <summary>Reads the columns once and finds the directions.</summary>
    /// <param name="input">Data with the input column and the label.</param>
    /// <returns>The transformer whose head is the rotation, centred on the mean.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or the input column is narrower than the
    /// dimensions asked for or wider than 4,096 values.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than two classes, all vectors are equal, or a value is not finite or above 1e15 in size (the message names the row).
    /// </exception>
    public RotationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        string column = _columns[0].Input;
        var rows = new RotatedRows(input, column, _dimensions);
        int width = rows.Width;
        if (width > LargestWidth)
        {
            throw new ArgumentOutOfRangeException(nameof(input), width,
                $"Column '{column}' has {width} values, and DiscriminantRotate takes at most {LargestWidth}. Reduce it with PcaRotate " +
                "first.");
        }
        var label = new NameColumnReader(input.Schema, _labelColumnName, "label", "inputSchema");
        var scatter = new ScatterSum(width);
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        var sums = new List<double[]>();
        var counts = new List<int>();
        rows.Read([label.Column], cursor =>
        {
            label.Open(cursor);
            return (in VBuffer<float> row) =>
            {
                if (label.Read() is not { } name)
                {
                    return;
                }
                if (!classes.TryGetValue(name, out int at))
                {
                    classes.Add(name, at = sums.Count);
                    sums.Add(new double[width]);
                    counts.Add(0);
                }
                counts[at]++;
                Span<float> values = scatter.NextRow();
                row.CopyTo(values);
                double[] sum = sums[at];
                for (int i = 0; i < width; i++)
                {
                    sum[i] += values[i];
                }
            };
        });
        if (classes.Count < 2)
        {
            throw new InvalidOperationException(classes.Count == 0
                ? $"Nothing to fit: no row has a value in label column '{_labelColumnName}'. Check the view and its filters."
                : $"All rows are of class '{classes.Keys.First()}' in label column '{_labelColumnName}'. Give rows of at least 2 classes.");
        }
        LinearDiscriminant found = LinearDiscriminant.Find(scatter, width, sums, counts, _dimensions, _shrinkage)
            ?? throw new InvalidOperationException($"All vectors of column '{column}' are equal, and nothing tells the classes apart. " +
                "Check the column and what makes it.");
        return new RotationTransformer(_host, _columns, found.Mean, found.Directions, found.Ratios, found.TotalRatio);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        EmbeddingSchema.RequireColumn(_host, inputSchema, _labelColumnName, "label");
        return EmbeddingSchema.AfterHead(_host, inputSchema, _columns);
    }
}
