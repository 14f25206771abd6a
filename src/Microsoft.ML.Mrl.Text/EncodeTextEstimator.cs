using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Text;

/// <summary>The step that turns text columns into embeddings; see <see cref="EncodeTextTransformer"/>.</summary>
internal sealed class EncodeTextEstimator : IEstimator<EncodeTextTransformer>
{
    private readonly IHost _host;
    private readonly EncodeTextTransformer _transformer;
    private readonly (string Output, string Input)[] _columns;

    public EncodeTextEstimator(
        IHostEnvironment environment, (string Output, string Input)[] columns, TextEncoder encoder, string? prompt = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        _host = environment.Register(nameof(EncodeTextEstimator));
        _columns = columns;
        _transformer = new EncodeTextTransformer(_host, columns, encoder, prompt);
    }

    /// <summary>Checks the input columns and returns the transformer. No row is read.</summary>
    public EncodeTextTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextSchema.AfterEncoding(
            _host, inputSchema, _columns, _transformer.Encoder.IsNormalized, _transformer.Encoder.TrainedDimensions is not null);
}
