using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>The step that applies a trained head; see <see cref="MrlCatalog"/>.</summary>
internal sealed class ApplyEmbeddingHeadEstimator : IEstimator<MrlTransformer>
{
    private readonly IHost _host;
    private readonly MrlTransformer _transformer;
    private readonly (string Output, string Input)[] _columns;

    public ApplyEmbeddingHeadEstimator(IHostEnvironment environment, (string Output, string Input)[] columns, EmbeddingHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        _host = environment.Register(nameof(ApplyEmbeddingHeadEstimator));
        _columns = columns;
        _transformer = new MrlTransformer(_host, columns, head);
    }

    /// <summary>Checks the input schema and returns the transformer. No row is read.</summary>
    public MrlTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AfterHead(_host, inputSchema, _columns);
}
