using Microsoft.Extensions.AI;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Extensions.AI;

namespace Microsoft.ML.Mrl;

/// <summary>Represents an embedding generator that runs an ML.NET pipeline from a text column to an embedding column.</summary>
/// <remarks>
/// If <see cref="EmbeddingGenerationOptions.Dimensions"/> is set, embeddings are cut and scaled to unit length; otherwise they are what the
/// pipeline computes. Instances are safe for concurrent use, since every call reads a view of its own. The work is done on the thread pool.
/// </remarks>
public sealed class PipelineEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly MLContext _mlContext;
    private readonly ITransformer _model;
    private readonly string _textColumnName;
    private readonly string _embeddingColumnName;
    private readonly int _width;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>Initializes a new instance of the <see cref="PipelineEmbeddingGenerator"/> class.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The pipeline, which needs a text column and no other, and computes an embedding column.</param>
    /// <param name="embeddingColumnName">
    /// The name of the embedding column, a known-size vector of Single. The default is <c>Embedding</c>.
    /// </param>
    /// <param name="textColumnName">The name of the text column. The default is <c>Text</c>.</param>
    /// <param name="modelId">The id of the model in the metadata, or <see langword="null"/>, the default, for none.</param>
    /// <exception cref="ArgumentException">The pipeline cannot compute the embedding column from the text column alone.</exception>
    public PipelineEmbeddingGenerator(
        MLContext mlContext,
        ITransformer model,
        string embeddingColumnName = "Embedding",
        string textColumnName = "Text",
        string? modelId = null)
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
    /// <param name="path">The path of the file. Its name without extension becomes the id of the model in the metadata.</param>
    /// <param name="embeddingColumnName">The name of the embedding column. The default is <c>Embedding</c>.</param>
    /// <param name="textColumnName">The name of the text column. The default is <c>Text</c>.</param>
    /// <returns>The generator.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">ML.NET cannot read the file: it is damaged, or is not a saved model.</exception>
    /// <exception cref="ArgumentException">The pipeline cannot compute the embedding column from the text column alone.</exception>
    public static PipelineEmbeddingGenerator Load(string path, string embeddingColumnName = "Embedding", string textColumnName = "Text")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no model file '{path}'.", path);
        }
        var mlContext = new MLContext();
        ITransformer model;
        try
        {
            model = mlContext.Model.Load(path, out _);
        }
        // ML.NET throws exceptions of many types for a file that it did not write.
        catch (Exception e) when (e is not (OutOfMemoryException or UnauthorizedAccessException))
        {
            throw new InvalidDataException(
                $"Cannot load model '{path}': it is damaged, or is not a model that ML.NET saved " +
                $"({e.GetBaseException().Message.TrimEnd('.')}). Copy it again, or save it again.", e);
        }
        string modelId = Path.GetFileNameWithoutExtension(path);
        return new PipelineEmbeddingGenerator(mlContext, model, embeddingColumnName, textColumnName, modelId);
    }

    /// <summary>Generates embeddings.</summary>
    /// <param name="values">The texts. A text that is <see langword="null"/> is treated as empty.</param>
    /// <param name="options">The number of dimensions; other options have no effect.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests, checked between texts.</param>
    /// <returns>One embedding for each text, in order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of dimensions is below 1 or above that of the embedding column.</exception>
    /// <exception cref="InvalidOperationException">The pipeline returned more or fewer rows than texts.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
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

    /// <summary>Returns the metadata, the pipeline (<see cref="ITransformer"/>) or this generator.</summary>
    /// <param name="serviceType">The type of the service.</param>
    /// <param name="serviceKey">The key of the service; no service has a key.</param>
    /// <returns>The service, or <see langword="null"/> if there is none.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(ITransformer) ? _model
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing, since a pipeline holds no resources.</summary>
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
            throw new ArgumentException(
                $"The pipeline cannot be used on a text column '{textColumnName}' alone: {e.Message}", nameof(model), e);
        }
        if (output.GetColumnOrNull(embeddingColumnName)?.Type is VectorDataViewType { IsKnownSize: true } type
            && type.ItemType == NumberDataViewType.Single)
        {
            return type.Size;
        }
        string columns = string.Join(", ", output.Select(column => $"'{column.Name}' ({column.Type})"));
        throw new ArgumentException(
            $"The pipeline has no embedding column '{embeddingColumnName}', a known-size vector of Single. Its columns: {columns}.",
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
        EmbeddingCut.CheckCount(embeddings.Count, texts.Length, "The pipeline", "Remove the step of the pipeline that drops or adds rows.");
        return embeddings;
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
