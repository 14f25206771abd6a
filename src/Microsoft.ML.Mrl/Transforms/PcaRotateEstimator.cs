using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors.Decomposition;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>
/// Finds principal components without labels and without a native library. Columns of up to <see cref="LargestExactWidth"/> values are
/// decomposed exactly, in one pass over the rows. Wider ones take a randomised decomposition that reads the rows four times and keeps
/// sparse rows sparse. Rows are never held in memory.
/// </summary>
internal sealed class PcaRotateEstimator : IEstimator<RotationTransformer>
{
    private const int LargestExactWidth = 1024;

    private readonly IHost _host;
    private readonly (string Output, string Input)[] _columns;
    private readonly int _dimensions;

    public PcaRotateEstimator(IHostEnvironment environment, string outputColumnName, string? inputColumnName, int dimensions)
    {
        ArgumentNullException.ThrowIfNull(outputColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        _host = environment.Register(nameof(PcaRotateEstimator));
        _columns = [(outputColumnName, inputColumnName ?? outputColumnName)];
        _dimensions = dimensions;
    }

    /// <summary>Reads the column and finds its principal components.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <returns>The transformer whose head is the rotation, centred on the mean.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, of the wrong type, or narrower than the dimensions asked
    /// for.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than two rows, or a value is not finite or above 1e15 in size (the
    /// message names the row).</exception>
    public RotationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var rows = new RotatedRows(input, _columns[0].Input, _dimensions);
        PrincipalDirections found;
        if (rows.Width <= LargestExactWidth)
        {
            var sum = new ScatterSum(rows.Width);
            rows.Read((in VBuffer<float> row) => row.CopyTo(sum.NextRow()));
            Check(sum.Count);
            found = PrincipalDirections.Exact(sum, rows.Width, _dimensions);
        }
        else
        {
            rows.CheckRoom(_dimensions);
            found = PrincipalDirections.Randomized(rows.Pass, rows.Width, _dimensions, new Random(MrlEnvironment.SeedOf(_host) ?? 0));
            Check(found.Count);
        }
        return new RotationTransformer(_host, _columns, found.Mean, found.Directions, found.Variances, found.TotalVariance);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AfterHead(_host, inputSchema, _columns);

    private static void Check(long rows)
    {
        if (rows < 2)
        {
            throw new InvalidOperationException($"Principal components need at least 2 rows, but the data has {rows}.");
        }
    }
}
