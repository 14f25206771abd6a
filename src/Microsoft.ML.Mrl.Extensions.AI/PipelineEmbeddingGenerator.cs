using Microsoft.Extensions.AI;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Extensions.AI;

namespace Microsoft.ML.Mrl;

/// <summary>A saved ML.NET pipeline, from text to an embedding, as an embedding generator.</summary>
/// <remarks>
/// <see cref="EmbeddingGenerationOptions.Dimensions"/> cuts the embedding and scales it to unit length; without it the column comes as the pipeline makes it. Safe for concurrent use: every call reads a
/// view of its own. The work is done on the thread pool; cancellation is looked at between texts.
/// </remarks>
public sealed class PipelineEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly MLContext _mlContext;
    private readonly ITransformer _model;
    private readonly string _textColumnName;
    private readonly string _embeddingColumnName;
    private readonly int _width;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>Wraps a pipeline.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">Needs a text column and nothing else, and makes an embedding column.</param>
    /// <param name="embeddingColumnName">The embedding column, a known-size vector of Single. Default <c>Embedding</c>.</param>
    /// <param name="textColumnName">The text column. Default <c>Text</c>.</param>
    /// <param name="modelId">What the metadata call the model; <see langword="null"/> (default) for nothing.</param>
    /// <exception cref="ArgumentException">The pipeline cannot make an embedding column of a text column alone.</exception>
    public PipelineEmbeddingGenerator(MLContext mlContext, ITransformer model, string embeddingColumnName = "Embedding", string textColumnName = "Text", string? modelId = null)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(embeddingColumnName);
        ArgumentException.ThrowIfNullOrEmpty(textColumnName);
        _mlContext = mlContext;
        _model = model;
        _textColumnName = textColumnName;
        _embeddingColumnName = embeddingColumnName;
        _width = WidthOf(mlContext, model, embeddingColumnName, textColumnName);
        _metadata = new EmbeddingGeneratorMetadata("ML.NET", defaultModelId: modelId, defaultModelDimensions: _width);
    }

    /// <summary>Loads a pipeline from a file that <c>mlContext.Model.Save</c> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="embeddingColumnName">The embedding column. Default <c>Embedding</c>.</param>
    /// <param name="textColumnName">The text column. Default <c>Text</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">The pipeline cannot make an embedding column of a text column alone.</exception>
    public static PipelineEmbeddingGenerator Load(string path, string embeddingColumnName = "Embedding", string textColumnName = "Text")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no model file '{path}'.", path);
        }
        var mlContext = new MLContext();
        return new PipelineEmbeddingGenerator(mlContext, mlContext.Model.Load(path, out _), embeddingColumnName, textColumnName, Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>Generates embeddings.</summary>
    /// <param name="values">The texts; <see langword="null"/> counts as empty.</param>
    /// <param name="options">The dimensions wanted.</param>
    /// <param name="cancellationToken">Looked at between texts.</param>
    /// <returns>One embedding a text, in order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions asked for are below 1 or above the column's width.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        int? wanted = options?.Dimensions;
        if (wanted is { } asked)
        {
            EmbeddingCut.Check(asked, _width, nameof(options), $"column '{_embeddingColumnName}' has");
        }
        string[] texts = [.. values];
        return Task.Run(() => Generate(texts, wanted, cancellationToken), cancellationToken);
    }

    /// <summary>Finds the metadata, the pipeline (<see cref="ITransformer"/>) or this generator.</summary>
    /// <param name="serviceType">The type wanted.</param>
    /// <param name="serviceKey">No key is known.</param>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(ITransformer) ? _model
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: a pipeline holds nothing that has to be given back.</summary>
    public void Dispose()
    {
    }

    private static int WidthOf(MLContext mlContext, ITransformer model, string embeddingColumnName, string textColumnName)
    {
        DataViewSchema output;
        try
        {
            output = model.GetOutputSchema(View(mlContext, [], textColumnName).Schema);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new ArgumentException($"The pipeline cannot be used on a text column '{textColumnName}' alone: {e.Message}", nameof(model), e);
        }
        return output.GetColumnOrNull(embeddingColumnName)?.Type is VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType item } type && item == NumberDataViewType.Single
            ? type.Size
            : throw new ArgumentException(
                $"The pipeline has no embedding column '{embeddingColumnName}', a known-size vector of Single. Its columns: {string.Join(", ", output.Select(column => $"'{column.Name}' ({column.Type})"))}.",
                nameof(embeddingColumnName));
    }

    private static IDataView View(MLContext mlContext, string[] texts, string textColumnName)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Text)].ColumnName = textColumnName;
        return mlContext.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text ?? "" }), schema);
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, int? wanted, CancellationToken cancellation)
    {
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(texts.Length);
        IDataView output = _model.Transform(View(_mlContext, texts, _textColumnName));
        DataViewSchema.Column column = output.Schema[_embeddingColumnName];
        using DataViewRowCursor cursor = output.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            getter(ref buffer);
            var values = new float[_width];
            buffer.CopyTo(values);
            if (wanted is { } dimensions)
            {
                values = EmbeddingCut.ToUnitLength(values.AsSpan(0, dimensions));
            }
            embeddings.Add(new Embedding<float>(values) { CreatedAt = DateTimeOffset.UtcNow, ModelId = _metadata.DefaultModelId });
        }
        return embeddings;
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
