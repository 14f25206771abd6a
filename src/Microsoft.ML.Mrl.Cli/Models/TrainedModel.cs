using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Represents a model, and the trained head or the text encoder in it that makes the embedding.</summary>
internal sealed class TrainedModel
{
    private TrainedModel(ITransformer transformer, EmbeddingHead? head, TextEncoder? encoder, TextEncoder? inputEncoder = null)
    {
        Transformer = transformer;
        Head = head;
        Encoder = encoder;
        InputEncoder = inputEncoder;
    }

    /// <summary>Gets all steps, from the input to the embedding.</summary>
    public ITransformer Transformer { get; }

    /// <summary>Gets the head, or <see langword="null"/> where the encoder itself makes the embedding.</summary>
    public EmbeddingHead? Head { get; }

    /// <summary>Gets the encoder, or <see langword="null"/> where a head makes the embedding.</summary>
    public TextEncoder? Encoder { get; }

    /// <summary>Gets the encoder whose vectors the head takes, or <see langword="null"/> where there is none.</summary>
    public TextEncoder? InputEncoder { get; }

    /// <summary>Gets the name of the prompt that the model puts before every text, or <see langword="null"/> for none.</summary>
    public string? Prompt => Steps(Transformer).OfType<EncodeTextTransformer>()
        .Select(step => step.Prompt ?? step.Encoder.DefaultPrompt).FirstOrDefault();

    /// <summary>Gets a value indicating whether the model needs ONNX Runtime.</summary>
    public bool NeedsOnnxRuntime => (Encoder ?? InputEncoder) is TransformerTextEncoder or OnnxTextEncoder;

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
        null => string.Create(
            CultureInfo.InvariantCulture,
            $"{Form(Head!)} head, {Head!.InputDimensions:#,0} {(InputEncoder is null ? "features" : "values of the encoder")} to "),
        StaticTextEncoder { Buckets: > 0 } table => string.Create(
            CultureInfo.InvariantCulture,
                $"static encoder of {table.VocabularySize:#,0} words and {table.Buckets:#,0} buckets for others, "),
        StaticTextEncoder table => string.Create(CultureInfo.InvariantCulture, $"static encoder of {table.VocabularySize:#,0} words, "),
        OnnxTextEncoder => "ONNX encoder, ",
        _ => "transformer, ",
    };

    /// <summary>Makes a model whose last step is a head.</summary>
    /// <param name="transformer">All steps.</param>
    /// <param name="head">The head.</param>
    /// <param name="inputEncoder">The encoder whose vectors the head takes, or <see langword="null"/> for none.</param>
    public static TrainedModel OfHead(ITransformer transformer, EmbeddingHead head, TextEncoder? inputEncoder = null) =>
        new(transformer, head, null, inputEncoder);

    /// <summary>Makes a model that is an encoder.</summary>
    public static TrainedModel OfEncoder(EncodeTextTransformer transformer) => new(transformer, null, transformer.Encoder);

    /// <summary>Finds the head or the encoder in a loaded model.</summary>
    /// <exception cref="ArgumentException">The model has neither a head nor an encoder, or has several that differ.</exception>
    public static TrainedModel In(MLContext mlContext, ITransformer model)
    {
        ITransformer[] steps = [.. Steps(model)];
        // Where the model has both, the head follows the encoder that makes its vectors.
        bool hasEncoder = steps.Any(step => step is EncodeTextTransformer);
        return steps.Any(step => step is MrlTransformer)
            ? new(model, mlContext.Mrl().FindHead(model), null, hasEncoder ? mlContext.Mrl().FindEncoder(model) : null)
            : hasEncoder ? new(model, null, mlContext.Mrl().FindEncoder(model))
            : throw new ArgumentException(
                "it has neither a trained head nor a text encoder. Give a model that mrl train wrote, or one with a step of MrlFineTune, "
                + "MrlFineTuneEncoder, ApplyEmbeddingHead or EncodeText.");
    }

    private static string Form(EmbeddingHead head) => head switch
    {
        OrthogonalHead => "rotating",
        ResidualHead => "residual",
        _ => "linear",
    };

    private static IEnumerable<ITransformer> Steps(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];
}
