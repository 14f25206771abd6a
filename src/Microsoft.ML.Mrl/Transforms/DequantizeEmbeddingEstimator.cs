using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Turns quantized embeddings back into single-precision ones, for steps that read nothing else.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | What QuantizeEmbedding makes, with its annotations |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class DequantizeEmbeddingEstimator : IEstimator<DequantizeEmbeddingTransformer>
{
    private readonly IHost _host;
    private readonly (string Output, string Input)[] _columns;
    private readonly DequantizeEmbeddingTransformer _transformer;

    internal DequantizeEmbeddingEstimator(IHostEnvironment environment, (string Output, string Input)[] columns)
    {
        _host = environment.Register(nameof(DequantizeEmbeddingEstimator));
        _columns = columns;
        _transformer = new DequantizeEmbeddingTransformer(_host, columns);
    }

    /// <summary>Checks the input and returns the transformer; no row is read.</summary>
    /// <param name="input">Data with the input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not one that QuantizeEmbedding made.</exception>
    public DequantizeEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The columns that will be there after this step.</summary>
    /// <param name="inputSchema">The columns that are there before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not a vector that QuantizeEmbedding made.</exception>
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
