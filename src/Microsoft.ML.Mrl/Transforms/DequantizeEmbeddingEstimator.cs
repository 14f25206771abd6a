using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>Represents the step that turns quantized embeddings back into single precision; see <see cref="MrlCatalog"/>.</summary>
internal sealed class DequantizeEmbeddingEstimator(IHostEnvironment environment, (string Output, string Input)[] columns)
    : FixedEstimator<DequantizeEmbeddingTransformer>(
        environment, nameof(DequantizeEmbeddingEstimator), columns, host => new DequantizeEmbeddingTransformer(host, columns))
{
    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AddOutputs(inputSchema, Columns,
        (output, input) =>
        {
            if (!inputSchema.TryFindColumn(input, out SchemaShape.Column column))
            {
                throw Host.Process(SchemaErrors.Missing(nameof(inputSchema), "input", input));
            }
            if (column.Kind != SchemaShape.Column.VectorKind.Vector
                || !column.Annotations.TryFindColumn(QuantizationAnnotations.Type, out _))
            {
                throw Host.Process(SchemaErrors.Mismatch(nameof(inputSchema), "input", input, QuantizedColumn.Expected,
                    column.GetTypeString()));
            }
            return EmbeddingSchema.OutputShape(
                output, EmbeddingSchema.CarriedAnnotations(column, isNormalized: column.ItemType == NumberDataViewType.Byte));
        });
}
