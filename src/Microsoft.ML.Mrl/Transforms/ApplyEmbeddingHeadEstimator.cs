using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>Represents the step that applies a trained head; see <see cref="MrlCatalog"/>.</summary>
internal sealed class ApplyEmbeddingHeadEstimator(
    IHostEnvironment environment, (string Output, string Input)[] columns, EmbeddingHead head)
    : FixedEstimator<MrlTransformer>(
        environment, nameof(ApplyEmbeddingHeadEstimator), columns, host => new MrlTransformer(host, columns, Checked(head)))
{
    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AfterHead(Host, inputSchema, Columns);

    private static EmbeddingHead Checked(EmbeddingHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return head;
    }
}
