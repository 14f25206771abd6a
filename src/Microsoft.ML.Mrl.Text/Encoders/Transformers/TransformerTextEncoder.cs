using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Heads;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents an encoder that is a transformer followed by the modules of its sentence-transformers folder. The embedding of a text depends
/// on all of its words and their order.
/// </summary>
/// <remarks>
/// <para>
/// The supported architectures (<c>model_type</c>) read their tokenizers from these files, of which the first that exists is used.
/// <c>bert</c>, <c>distilbert</c> and <c>mpnet</c>: <c>vocab.txt</c> or <c>tokenizer.json</c>. <c>roberta</c>: <c>tokenizer.json</c>, or
/// <c>vocab.json</c> with <c>merges.txt</c>. <c>xlm-roberta</c> and <c>camembert</c>: <c>tokenizer.json</c>, or
/// <c>sentencepiece.bpe.model</c> or <c>sentencepiece.model</c>. A <c>tokenizer.json</c> may have a WordPiece, WordLevel, BPE or Unigram
/// model.
/// </para>
/// <para>
/// The tokens are those of the Python library, with two exceptions: characters whose Unicode properties differ between the Unicode versions
/// of .NET and of that library, and letters beyond the Basic Multilingual Plane, which the expressions of Split pre-tokenizers treat as
/// symbols.
/// </para>
/// <para>
/// The encoder runs with ONNX Runtime. The application has to reference its native library (the package Microsoft.ML.OnnxRuntime), which is
/// loaded when the first text is encoded. As in Python, a text that is longer than the model's limit is cut at its end, or at its start if
/// the tokenizer says so. The texts of one call are sorted by length to save padding. Which texts are encoded together changes at most the
/// last bits of their embeddings. This type is safe for concurrent use.
/// </para>
/// </remarks>
public sealed class TransformerTextEncoder : TextEncoder
{
    internal const string KindName = "transformer";

    private readonly SentenceSettings _settings;
    private readonly Lazy<TransformerSession> _session;
    private readonly TokenBatcher _batcher;

    internal TransformerTextEncoder(TransformerModel model, MatryoshkaDimensions? trainedDimensions, TrainingSummary? training)
        : base(SentenceSettings.Read(model).Width, model.Dimensions, trainedDimensions, training)
    {
        Model = WithTrainedDimensions(model, trainedDimensions, Dimensions);
        _settings = SentenceSettings.Read(model);
        Tokenizer = model.ReadTokenizer();
        _session = new Lazy<TransformerSession>(() => new TransformerSession(Model));
        _batcher = new TokenBatcher(Tokens, batch => _session.Value.Embed(batch), Model.Config.PadId, Dimensions);
    }

    /// <inheritdoc/>
    public override bool IsNormalized => Model.Modules.Steps is [.., not DenseStep] && Dimensions == Model.Dimensions;

    /// <summary>
    /// Gets the architecture that <c>config.json</c> names: <c>bert</c>, <c>distilbert</c>, <c>mpnet</c>, <c>roberta</c>,
    /// <c>xlm-roberta</c> or <c>camembert</c>.
    /// </summary>
    public string ModelType => Model.Config.ModelType;

    /// <summary>Gets the maximum number of tokens of a text, including special tokens. Longer texts are cut.</summary>
    public int MaxLength => Model.MaxLength;

    /// <summary>Gets the tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Gets the number of layers L.</summary>
    public int Layers => Model.Config.Layers;

    internal override string Kind => KindName;

    internal override TextTokenizer TokensOf => Tokenizer;

    internal override EncoderPrompts PromptTexts => _settings.Prompts;

    internal TransformerModel Model { get; }

    /// <summary>
    /// Returns an encoder that keeps only the first layers, and the modules after them unchanged. It is smaller, and faster by about the
    /// share of the layers that are left out.
    /// </summary>
    /// <param name="layers">The number of layers to keep, 1 to L.</param>
    /// <returns>
    /// The shorter encoder, or this one if all layers are kept. It has the trained dimensions and the training summary of this encoder.
    /// </returns>
    /// <remarks>
    /// The method is meant for encoders that were trained to work at every depth, with <c>TransformerTrainingOptions.AdaptiveLayers</c> (2D
    /// Matryoshka, Li et al. 2024, arXiv:2402.14776). The inner layers of other encoders were not trained as outputs, so measure the result
    /// first. <see cref="TextEncoder.Save"/> writes it as an ordinary folder with that many layers.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="layers"/> is not in 1..L.</exception>
    public TransformerTextEncoder WithLayers(int layers)
    {
        if (layers < 1 || layers > Layers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(layers), layers, $"Cannot keep {layers} layers: the encoder has {Layers}. Choose 1..{Layers}.");
        }
        return layers == Layers ? this : new TransformerTextEncoder(ChangedModel.WithLayers(Model, layers), TrainedDimensions, Training);
    }

    /// <summary>Returns the token ids of a text, as the encoder sees it.</summary>
    internal int[] Tokenize(string? text) => Tokens(PromptTexts.Text(null) + text);

    internal static TransformerTextEncoder ReadFolder(string folder)
    {
        TransformerModel model = TransformerModel.Read(folder);
        return new TransformerTextEncoder(model, NamedDimensions(model)?.UpTo(SentenceSettings.Read(model).Width), training: null);
    }

    internal override void WriteContent(BinaryWriter writer) => TransformerFormat.Write(Model, writer);

    internal static TransformerTextEncoder ReadContent(BinaryReader reader, MatryoshkaDimensions? trained, TrainingSummary? training) =>
        new(TransformerFormat.Read(reader), trained, training);

    private protected override void EncodeTexts(
        IReadOnlyList<string> texts, string prompt, Span<float> embeddings, CancellationToken cancellationToken) =>
        _batcher.Encode(texts, prompt, embeddings, cancellationToken);

    private protected override void SaveFiles(string folder) => Model.Write(folder);

    private protected override TextEncoder Cut(int dimensions) =>
        new TransformerTextEncoder(ChangedModel.CutTo(Model, dimensions), NamedDimensions(Model)?.UpTo(dimensions), Training);

    private protected override ModelProto MakeOnnx() => TransformerOnnx.Make(Model, dimensions: Dimensions);

    private protected override void SaveBesideOnnx(string folder) => Model.Files.Write(folder);

    /// <summary>Returns the trained dimensions that the metadata of the weights name, including those that are cut off.</summary>
    private static MatryoshkaDimensions? NamedDimensions(TransformerModel model) =>
        TrainedDimensionsEntry.Read(model.Weights.File.Metadata, model.Files.Source, model.Dimensions)
            ?? EncoderConfigs.TrainedDimensions(model.Files, model.Modules.TransformerPath, model.Dimensions);

    /// <summary>
    /// Returns the model whose weights name the trained dimensions, and those beyond the cut that they name already: the same one where
    /// they do.
    /// </summary>
    private static TransformerModel WithTrainedDimensions(TransformerModel model, MatryoshkaDimensions? trained, int width)
    {
        IReadOnlyList<KeyValuePair<string, string>> metadata = model.Weights.File.Metadata;
        int[] all = [.. trained ?? (IEnumerable<int>)[], .. width == model.Dimensions
            ? []
            : (NamedDimensions(model) ?? (IEnumerable<int>)[]).Where(m => m > width)];
        KeyValuePair<string, string>[] changed = [.. metadata
            .Where(pair => !TrainedDimensionsEntry.Is(pair)), .. TrainedDimensionsEntry.Of(all)];
        TransformerModel named = changed.Length == metadata.Count && Array.TrueForAll(changed, metadata.Contains)
            ? model
            : model.With(changed);
        ModelFiles files = EncoderConfigs.WithTrainedDimensions(model.Files, model.Modules.TransformerPath, all);
        return ReferenceEquals(files, model.Files) ? named : named.With(files);
    }

    /// <summary>Computes the embeddings of texts that are already tokenized, in their order, <c>[N, D]</c>.</summary>
    internal override void EncodeTokens(int[][] rows, Span<float> embeddings, CancellationToken cancellationToken) =>
        _batcher.Encode(rows, embeddings, cancellationToken);

    private int[] Tokens(string text)
    {
        int[] ids = Tokenizer.Encode(text, MaxLength);
        // A tokenizer without special tokens gives none for an empty text, and a graph needs one.
        return ids.Length > 0 ? ids : [Model.Config.PadId];
    }
}
