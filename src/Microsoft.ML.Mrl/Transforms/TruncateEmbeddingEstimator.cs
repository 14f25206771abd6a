using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>The step that cuts embeddings to their first values; see <see cref="TruncateEmbeddingTransformer"/>.</summary>
internal sealed class TruncateEmbeddingEstimator : IEstimator<TruncateEmbeddingTransformer>
{
    private readonly IHost _host;
    private readonly TruncateEmbeddingTransformer _transformer;
    private readonly (string Output, string Input)[] _columns;

    public TruncateEmbeddingEstimator(IHostEnvironment environment, (string Output, string Input)[] columns, int dimensions,
        EmbeddingNormalization normalization)
    {
        _host = environment.Register(nameof(TruncateEmbeddingEstimator));
        if (dimensions < 1)
        {
            throw _host.Process(new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                $"Cannot truncate to {dimensions}: a prefix has at least 1 value. Choose 1 or more."));
        }
        if (!Enum.IsDefined(normalization))
        {
            throw _host.Process(new ArgumentOutOfRangeException(nameof(normalization), normalization,
                $"Normalization {normalization} is not known. Choose {string.Join(" or ", Enum.GetNames<EmbeddingNormalization>())}."));
        }
        _columns = columns;
        _transformer = new TruncateEmbeddingTransformer(_host, columns, dimensions, normalization);
    }

    /// <summary>Checks the input schema and returns the transformer. No row is read.</summary>
    public TruncateEmbeddingTransformer Fit(IDataView input)
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
            SchemaShape.Column column = EmbeddingSchema.FindEmbedding(_host, inputSchema, input);
            result[output] = EmbeddingSchema.OutputShape(output, Annotations(column));
        }
        return new SchemaShape(result.Values);
    }

    private IEnumerable<SchemaShape.Column> Annotations(SchemaShape.Column input)
    {
        if (_transformer.Normalization == EmbeddingNormalization.UnitLength)
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
