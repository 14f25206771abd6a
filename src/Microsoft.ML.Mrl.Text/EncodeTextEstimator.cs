using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Text;

/// <summary>Represents the step that turns text columns into embeddings; see <see cref="EncodeTextTransformer"/>.</summary>
internal sealed class EncodeTextEstimator(
    IHostEnvironment environment, (string Output, string Input)[] columns, TextEncoder encoder, string? prompt = null)
    : FixedEstimator<EncodeTextTransformer>(
        environment, nameof(EncodeTextEstimator), columns, host => Make(host, columns, encoder, prompt))
{
    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => TextSchema.AfterEncoding(
        Host, inputSchema, Columns, Transformer.Encoder.IsNormalized, Transformer.Encoder.TrainedDimensions is not null);

    private static EncodeTextTransformer Make(
        IHost host, (string Output, string Input)[] columns, TextEncoder encoder, string? prompt)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return new EncodeTextTransformer(host, columns, encoder, prompt);
    }
}
