using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>A model, and the trained head or the text encoder in it that makes the embedding.</summary>
internal sealed class TrainedModel
{
    private TrainedModel(ITransformer transformer, EmbeddingHead? head, TextEncoder? encoder)
    {
        Transformer = transformer;
        Head = head;
        Encoder = encoder;
    }

    /// <summary>Gets all steps, from the input to the embedding.</summary>
    public ITransformer Transformer { get; }

    /// <summary>Gets the head, or <see langword="null"/> where the encoder itself makes the embedding.</summary>
    public EmbeddingHead? Head { get; }

    /// <summary>Gets the encoder, or <see langword="null"/> where a head makes the embedding.</summary>
    public TextEncoder? Encoder { get; }

    /// <summary>Gets the number of values of the full embedding.</summary>
    public int Dimensions => Head?.OutputDimensions ?? Encoder!.Dimensions;

    /// <summary>Gets the prefix lengths that were trained, or only the full width where none were.</summary>
    public MatryoshkaDimensions TrainedDimensions =>
        Head?.TrainedDimensions ?? Encoder!.TrainedDimensions ?? new MatryoshkaDimensions([Dimensions]);

    /// <summary>Gets how the model was trained, where that is known.</summary>
    public TrainingSummary? Training => Head is null ? Encoder!.Training : Head.Training;

    /// <summary>Gets a description of the model in words.</summary>
    public string Description => string.Create(CultureInfo.InvariantCulture, $"{Kind}{Dimensions:#,0} values");

    private string Kind => Encoder switch
    {
        null => string.Create(CultureInfo.InvariantCulture, $"{Head!.InputDimensions:#,0} features to "),
        StaticTextEncoder { Buckets: > 0 } table => string.Create(
            CultureInfo.InvariantCulture,
                $"static encoder of {table.VocabularySize:#,0} words and {table.Buckets:#,0} buckets for others, "),
        StaticTextEncoder table => string.Create(CultureInfo.InvariantCulture, $"static encoder of {table.VocabularySize:#,0} words, "),
        _ => "transformer, ",
    };

    /// <summary>Makes a model whose last step is a head.</summary>
    public static TrainedModel OfHead(ITransformer transformer, EmbeddingHead head) => new(transformer, head, null);

    /// <summary>Makes a model that is an encoder.</summary>
    public static TrainedModel OfEncoder(EncodeTextTransformer transformer) => new(transformer, null, transformer.Encoder);

    /// <summary>Finds the head or the encoder in a loaded model.</summary>
    /// <exception cref="ArgumentException">The model has neither a head nor an encoder, or has several that differ.</exception>
    public static TrainedModel In(MLContext mlContext, ITransformer model)
    {
        ITransformer[] steps = [.. Steps(model)];
        // Where the model has both, the head follows the encoder that makes its vectors.
        return steps.Any(step => step is MrlTransformer) ? new(model, mlContext.Mrl().FindHead(model), null)
            : steps.Any(step => step is EncodeTextTransformer) ? new(model, null, mlContext.Mrl().FindEncoder(model))
            : throw new ArgumentException(
                "it has neither a trained head nor a text encoder. Give a model that mrl train wrote, or one with a step of MrlFineTune, "
                + "MrlFineTuneEncoder, ApplyEmbeddingHead or EncodeText.");
    }

    private static IEnumerable<ITransformer> Steps(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];
}
