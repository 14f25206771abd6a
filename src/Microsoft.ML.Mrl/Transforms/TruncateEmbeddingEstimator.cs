using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>Represents the step that cuts embeddings to their first values; see <see cref="TruncateEmbeddingTransformer"/>.</summary>
internal sealed class TruncateEmbeddingEstimator(
    IHostEnvironment environment, (string Output, string Input)[] columns, int dimensions, EmbeddingNormalization normalization)
    : FixedEstimator<TruncateEmbeddingTransformer>(
        environment, nameof(TruncateEmbeddingEstimator), columns, host => Make(host, columns, dimensions, normalization))
{
    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AddOutputs(inputSchema, Columns,
        (output, input) => EmbeddingSchema.OutputShape(output, EmbeddingSchema.CarriedAnnotations(
            EmbeddingSchema.FindEmbedding(Host, inputSchema, input),
            isNormalized: Transformer.Normalization == EmbeddingNormalization.UnitLength)));

    private static TruncateEmbeddingTransformer Make(
        IHost host, (string Output, string Input)[] columns, int dimensions, EmbeddingNormalization normalization)
    {
        if (dimensions < 1)
        {
            throw host.Process(new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                $"Cannot truncate to {dimensions}: a prefix has at least 1 value. Choose 1 or more."));
        }
        if (!Enum.IsDefined(normalization))
        {
            throw host.Process(new ArgumentOutOfRangeException(nameof(normalization), normalization,
                $"Normalization {normalization} is not known. Choose {string.Join(" or ", Enum.GetNames<EmbeddingNormalization>())}."));
        }
        return new TruncateEmbeddingTransformer(host, columns, dimensions, normalization);
    }
}
