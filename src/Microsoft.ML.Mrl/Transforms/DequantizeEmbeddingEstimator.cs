using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>The step that turns quantized embeddings back into single precision; see <see cref="MrlCatalog"/>.</summary>
internal sealed class DequantizeEmbeddingEstimator : IEstimator<DequantizeEmbeddingTransformer>
{
    private readonly IHost _host;
    private readonly (string Output, string Input)[] _columns;
    private readonly DequantizeEmbeddingTransformer _transformer;

    public DequantizeEmbeddingEstimator(IHostEnvironment environment, (string Output, string Input)[] columns)
    {
        _host = environment.Register(nameof(DequantizeEmbeddingEstimator));
        _columns = columns;
        _transformer = new DequantizeEmbeddingTransformer(_host, columns);
    }

    /// <summary>Checks the input schema and returns the transformer. No row is read.</summary>
    public DequantizeEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var result = inputSchema.ToDictionary(c => c.Name);
        foreach ((string output, string input) in _columns)
        {
            if (!inputSchema.TryFindColumn(input, out SchemaShape.Column column))
            {
                throw _host.Process(SchemaErrors.Missing(nameof(inputSchema), "input", input));
            }
            if (column.Kind != SchemaShape.Column.VectorKind.Vector
                || !column.Annotations.TryFindColumn(QuantizationAnnotations.Type, out _))
            {
                throw _host.Process(SchemaErrors.Mismatch(nameof(inputSchema), "input", input, QuantizedColumn.Expected,
                    column.GetTypeString()));
            }
            result[output] = EmbeddingSchema.OutputShape(output, Annotations(column));
        }
        return new SchemaShape(result.Values);
    }

    private static IEnumerable<SchemaShape.Column> Annotations(SchemaShape.Column input)
    {
        if (input.ItemType == NumberDataViewType.Byte)
        {
            yield return new SchemaShape.Column(AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar,
                BooleanDataViewType.Instance, false);
        }
        foreach (string carried in (string[])[AnnotationUtils.Kinds.SlotNames, EmbeddingAnnotations.TrainedDimensions,
            EmbeddingAnnotations.HeadFingerprint])
        {
            if (input.Annotations.TryFindColumn(carried, out SchemaShape.Column annotation))
            {
                yield return annotation;
            }
        }
    }
}
