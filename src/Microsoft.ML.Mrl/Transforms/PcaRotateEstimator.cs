using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Mrl.Vectors.Decomposition;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Rotates an embedding column to its principal components, so that a prefix keeps as much variance as any linear map of that width can: what a learned head has to beat.
/// Comes from <c>mlContext.Transforms.PcaRotate(...)</c>.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of <xref:System.Single>, dense or sparse |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl |
/// | Exportable to ONNX | Yes |
/// ]]></format>
/// Needs no labels and no native library. Inputs of up to 1,024 values are decomposed exactly in one pass over the rows; wider ones by a randomised decomposition, which reads the rows four times and keeps sparse
/// rows sparse. Rows are never held in memory: put a <c>AppendCacheCheckpoint</c> before this step where they are slow to compute.
/// </remarks>
public sealed class PcaRotateEstimator : IEstimator<RotationTransformer>
{
    private const int LargestExactWidth = 1024;

    private readonly IHost _host;
    private readonly (string Output, string Input)[] _columns;
    private readonly int _dimensions;

    internal PcaRotateEstimator(IHostEnvironment environment, string outputColumnName, string? inputColumnName, int dimensions)
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
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, of the wrong type, or narrower than the dimensions asked for.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than two rows, or a value is not finite or above 1e15 in size (the message names the row).</exception>
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

    /// <summary>Returns the columns that will be there after this step.</summary>
    /// <param name="inputSchema">The columns that are there before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not a known-size vector of Single.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AfterHead(_host, inputSchema, _columns);

    private static void Check(long rows)
    {
        if (rows < 2)
        {
            throw new InvalidOperationException($"Principal components need at least 2 rows, but the data has {rows}.");
        }
    }
}
