using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>A model and what makes its embedding: a trained head, or a text encoder.</summary>
internal sealed class TrainedModel
{
    private TrainedModel(ITransformer transformer, EmbeddingHead? head, TextEncoder? encoder)
    {
        Transformer = transformer;
        Head = head;
        Encoder = encoder;
    }

    /// <summary>All steps, from the input to the embedding.</summary>
    public ITransformer Transformer { get; }

    /// <summary>The head; <see langword="null"/> where the encoder itself makes the embedding.</summary>
    public EmbeddingHead? Head { get; }

    /// <summary>The encoder; <see langword="null"/> where a head makes the embedding.</summary>
    public TextEncoder? Encoder { get; }

    /// <summary>The width of the embedding.</summary>
    public int Dimensions => Head?.OutputDimensions ?? Encoder!.Dimensions;

    /// <summary>The prefix lengths that were trained; the full width alone, where none were.</summary>
    public MatryoshkaDimensions TrainedDimensions => Head?.TrainedDimensions ?? Encoder!.TrainedDimensions ?? new MatryoshkaDimensions([Dimensions]);

    /// <summary>How it was trained, where that is known.</summary>
    public TrainingSummary? Training => Head is null ? Encoder!.Training : Head.Training;

    /// <summary>What it is, in words.</summary>
    public string Description => string.Create(CultureInfo.InvariantCulture, $"{Kind}{Dimensions:#,0} values");

    private string Kind => Encoder switch
    {
        null => string.Create(CultureInfo.InvariantCulture, $"{Head!.InputDimensions:#,0} features to "),
        StaticTextEncoder { Buckets: > 0 } table => string.Create(CultureInfo.InvariantCulture, $"static encoder of {table.VocabularySize:#,0} words and {table.Buckets:#,0} buckets for others, "),
        StaticTextEncoder table => string.Create(CultureInfo.InvariantCulture, $"static encoder of {table.VocabularySize:#,0} words, "),
        _ => "transformer, ",
    };

    /// <summary>A model whose last step is a head.</summary>
    public static TrainedModel OfHead(ITransformer transformer, EmbeddingHead head) => new(transformer, head, null);

    /// <summary>A model that is an encoder.</summary>
    public static TrainedModel OfEncoder(EncodeTextTransformer transformer) => new(transformer, null, transformer.Encoder);

    /// <summary>Finds what makes the embedding of a loaded model.</summary>
    /// <exception cref="ArgumentException">It has neither head nor encoder, or different ones.</exception>
    public static TrainedModel In(MLContext mlContext, ITransformer model)
    {
        ITransformer[] steps = [.. Steps(model)];
        // A head comes behind the encoder that makes its vectors.
        return steps.Any(step => step is MrlTransformer) ? new(model, mlContext.Mrl().FindHead(model), null)
            : steps.Any(step => step is EncodeTextTransformer) ? new(model, null, mlContext.Mrl().FindEncoder(model))
            : throw new ArgumentException("it has neither a trained head nor a text encoder. Give a model that mrl train wrote, or one with a step of MrlFineTune, MrlFineTuneEncoder, ApplyEmbeddingHead or EncodeText.");
    }

    private static IEnumerable<ITransformer> Steps(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];
}
