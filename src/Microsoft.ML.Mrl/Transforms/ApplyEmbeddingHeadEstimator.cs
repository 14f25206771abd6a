using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Applies a head that is already trained to one or several embedding columns.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Known-sized vector of <xref:System.Single> of the head's input width, dense or sparse |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl |
/// | Exportable to ONNX | Yes |
/// ]]></format>
/// </remarks>
public sealed class ApplyEmbeddingHeadEstimator : IEstimator<MrlTransformer>
{
    private readonly IHost _host;
    private readonly MrlTransformer _transformer;
    private readonly (string Output, string Input)[] _columns;

    internal ApplyEmbeddingHeadEstimator(IHostEnvironment environment, (string Output, string Input)[] columns, EmbeddingHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        _host = environment.Register(nameof(ApplyEmbeddingHeadEstimator));
        _columns = columns;
        _transformer = new MrlTransformer(_host, columns, head);
    }

    /// <summary>Checks the input and returns the transformer; no row is read.</summary>
    /// <param name="input">Data with the input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not a vector of Single of the head's input
    /// width.</exception>
    public MrlTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The columns that will be there after this step.</summary>
    /// <param name="inputSchema">The columns that are there before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not a known-size vector of Single.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AfterHead(_host, inputSchema, _columns);
}
