using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents an estimator that turns text columns into embeddings. <c>mlContext.Transforms.EncodeText(...)</c> creates it.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | <xref:System.String>, as ML.NET's text |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl.Text |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class EncodeTextEstimator : IEstimator<EncodeTextTransformer>
{
    private readonly IHost _host;
    private readonly EncodeTextTransformer _transformer;
    private readonly (string Output, string Input)[] _columns;

    internal EncodeTextEstimator(
        IHostEnvironment environment, (string Output, string Input)[] columns, TextEncoder encoder, string? prompt = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        _host = environment.Register(nameof(EncodeTextEstimator));
        _columns = columns;
        _transformer = new EncodeTextTransformer(_host, columns, encoder, prompt);
    }

    /// <summary>Checks the input columns and returns the transformer. No row is read.</summary>
    /// <param name="input">Data with the input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public EncodeTextTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>Returns the schema after this step.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextSchema.AfterEncoding(
            _host, inputSchema, _columns, _transformer.Encoder.IsNormalized, _transformer.Encoder.TrainedDimensions is not null);
}
