using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Rotates an embedding column to its principal components, so that a prefix keeps as much variance as any map of that width can: what a
/// learned head has to beat. Comes from <c>mlContext.Transforms.PcaRotate(...)</c>.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of <xref:System.Single>, dense or sparse |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl.TorchSharp, and a libtorch package such as TorchSharp-cpu |
/// | Exportable to ONNX | Yes |
/// ]]></format>
/// Needs no labels. Inputs of up to 1,024 values are decomposed exactly, wider ones by a randomised decomposition that keeps sparse rows
/// sparse.
/// </remarks>
public sealed class PcaRotateEstimator : IEstimator<MrlTransformer>
{
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

    /// <summary>Reads the column once and finds its principal components.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <returns>The transformer whose head is the rotation, centred on the mean.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The column is missing, of the wrong type, or narrower than the dimensions asked for.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than two rows, or a value is not finite or above 1e15 in size (the message names the row).
    /// </exception>
    /// <exception cref="IOException">The data exceeds a quarter of the memory and the disk has no room for the rest.</exception>
    /// <exception cref="LibTorchLoadException">libtorch cannot be loaded.</exception>
    public MrlTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        string column = _columns[0].Input;
        (_, int width) = EmbeddingSchema.FindEmbedding(input.Schema, column);
        if (_dimensions > width)
        {
            throw new ArgumentOutOfRangeException(nameof(input), _dimensions, $"Cannot rotate to {_dimensions}: column '{column}' has {width} values. Choose 1..{width}.");
        }
        LibTorch.EnsureLoaded();
        RowStorage storage = RowStorage.Of();
        using ExampleSet examples = ExampleReader.Read(input, column, new RoleColumns(), storage, CancellationToken.None);
        if (examples.Count < 2)
        {
            throw new InvalidOperationException($"Principal components need at least 2 rows, but the data has {examples.Count}.");
        }
        using DisposeScope scope = NewDisposeScope();
        using TrainingSpace space = TrainingSpace.Of(examples, _dimensions, new Random(MrlEnvironment.SeedOf(_host) ?? 0), storage);
        LinearHead head = space.ToHead(eye(space.Width, _dimensions), zeros(_dimensions), MatryoshkaDimensions.HalvedFrom(_dimensions), null);
        return new MrlTransformer(_host, _columns, head);
    }

    /// <summary>The columns that will be there after this step.</summary>
    /// <param name="inputSchema">The columns that are there before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not a known-size vector of Single.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AfterHead(_host, inputSchema, _columns);
}
