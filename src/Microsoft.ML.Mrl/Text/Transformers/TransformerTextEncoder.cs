using System.Globalization;
using Microsoft.ML.Mrl.Onnx;

namespace Microsoft.ML.Mrl;

/// <summary>
/// An encoder that is a transformer with what its sentence-transformers folder puts after it. The embedding of a text depends on all of its words and their order.
/// </summary>
/// <remarks>
/// <para>
/// Architectures (<c>model_type</c>) and the files of their tokenizers, the first that is there: <c>bert</c>, <c>distilbert</c>, <c>mpnet</c> with <c>vocab.txt</c> or
/// <c>tokenizer.json</c>; <c>roberta</c> with <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c>; <c>xlm-roberta</c>, <c>camembert</c> with <c>tokenizer.json</c>, or
/// <c>sentencepiece.bpe.model</c> (or <c>sentencepiece.model</c>). A <c>tokenizer.json</c> may have a WordPiece, WordLevel, BPE or Unigram model.
/// </para>
/// <para>
/// Tokens are those of the Python library, but for characters whose Unicode properties differ between .NET's version of Unicode and its own, and for Split pre-tokenizers, whose
/// expressions see letters beyond the Basic Multilingual Plane as symbols.
/// </para>
/// <para>
/// Runs with ONNX Runtime, whose native library the application brings (the package Microsoft.ML.OnnxRuntime); it is loaded when the first text is encoded.
/// Texts longer than the model's limit are cut at their end, as in Python. Texts of one call are sorted by length, so that little is spent on filling up; how they are put together changes
/// the last bits of their embeddings at most. Safe for concurrent use.
/// </para>
/// </remarks>
public sealed class TransformerTextEncoder : TextEncoder
{
    internal const string KindName = "transformer";
    private const string OnnxFolder = "onnx";
    private const string OnnxName = "model.onnx";
    private const int MostRows = 32;
    private const int MostTokens = 8192;
    private const int Window = 1024;

    private readonly TransformerTokenizer _tokenizer;
    private readonly SentenceSettings _settings;
    private readonly Lazy<TransformerSession> _session;

    internal TransformerTextEncoder(TransformerModel model, MatryoshkaDimensions? trainedDimensions, TrainingSummary? training)
        : base(SentenceSettings.Read(model).Width, trainedDimensions, training)
    {
        Model = WithTrainedDimensions(model, trainedDimensions);
        _settings = SentenceSettings.Read(model);
        _tokenizer = model.ReadTokenizer();
        _session = new Lazy<TransformerSession>(() => new TransformerSession(Model));
    }

    /// <inheritdoc/>
    public override bool IsNormalized => Model.Modules.Steps is [.., not DenseStep] && Dimensions == Model.Dimensions;

    /// <summary>The architecture, as <c>config.json</c> names it: <c>bert</c>, <c>distilbert</c>, <c>mpnet</c>, <c>roberta</c>, <c>xlm-roberta</c> or <c>camembert</c>.</summary>
    public string ModelType => Model.Config.ModelType;

    /// <summary>The longest text in tokens, the two special ones included; what is longer is cut.</summary>
    public int MaxLength => Model.MaxLength;

    /// <summary>The number of layers L.</summary>
    public int Layers => Model.Config.Layers;

    /// <summary>
    /// Writes the encoder as an ONNX model, <c>onnx/model.onnx</c>, with the files of its tokenizer and its configuration around it: where sentence-transformers looks for it
    /// (<c>backend="onnx"</c>), and where <see cref="TextEncoder.Save"/> into the same folder puts the rest of the model.
    /// </summary>
    /// <param name="folder">The folder; made if it is not there. Files in it of the same names are replaced.</param>
    /// <remarks>
    /// The model takes <c>input_ids</c> and <c>attention_mask</c>, int64 <c>[N, T]</c>, 1 in the mask for real tokens, T at most <see cref="MaxLength"/>, and gives
    /// <c>token_embeddings</c> <c>[N, T, H]</c>, the encoder's last layer, and <c>sentence_embedding</c> <c>[N, D]</c>, what <see cref="TextEncoder.Encode(string)"/> gives:
    /// pooling, Dense and Normalize modules and a <c>truncate_dim</c> are inside. A default prompt and lower case are not; they belong to the text. It is of operator set 17, in
    /// single precision whatever type the weights have, and holds no date: one encoder gives the same bytes every time. Its metadata name the encoder's
    /// <c>mrl.encoder_fingerprint</c>, <c>mrl.dimensions</c> and, where they are known, <c>mrl.trained_dimensions</c>.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">The weights do not fit into the 2 GiB of one ONNX file.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void ExportToOnnx(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ModelProto model = TransformerOnnx.Make(Model, dimensions: Dimensions);
        Add("encoder_fingerprint", Fingerprint);
        Add("dimensions", Dimensions.ToString(CultureInfo.InvariantCulture));
        if (TrainedDimensions is { } trained)
        {
            Add("trained_dimensions", string.Join(',', trained));
        }
        Directory.CreateDirectory(Path.Combine(folder, OnnxFolder));
        OnnxFile.Write(model, Path.Combine(folder, OnnxFolder, OnnxName));
        Model.Files.Write(folder);

        void Add(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = "mrl." + key, Value = value });
    }

    internal override string Kind => KindName;

    internal TransformerModel Model { get; }

    /// <summary>The encoder cut to its first layers, with the pooling and the layers after it as they are: quicker, by about the share of the layers left out, and smaller.</summary>
    /// <param name="layers">How many layers to keep, 1..L.</param>
    /// <returns>The shorter encoder; this one where all layers are kept. Trained dimensions and training summary are this one's.</returns>
    /// <remarks>
    /// Of use for an encoder that was trained to work at every depth, with <c>TransformerTrainingOptions.AdaptiveLayers</c> (2D Matryoshka, Li et al. 2024, arXiv:2402.14776); the layers of others
    /// are not meant to be read, so measure before. Saved, it is an ordinary folder of so many layers.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="layers"/> is not in 1..L.</exception>
    public TransformerTextEncoder WithLayers(int layers)
    {
        if (layers < 1 || layers > Layers)
        {
            throw new ArgumentOutOfRangeException(nameof(layers), layers, $"Cannot keep {layers} layers: the encoder has {Layers}. Choose 1..{Layers}.");
        }
        return layers == Layers ? this : new TransformerTextEncoder(ChangedModel.WithLayers(Model, layers), TrainedDimensions, Training);
    }

    /// <summary>The token ids of a text, as the encoder sees it.</summary>
    internal int[] Tokenize(string? text) => _tokenizer.Encode(_settings.Prepare(text ?? ""), MaxLength);

    internal static TransformerTextEncoder ReadFolder(string folder)
    {
        TransformerModel model = TransformerModel.Read(folder);
        int width = SentenceSettings.Read(model).Width;
        return new TransformerTextEncoder(model, TrainedDimensionsEntry.Read(model.Weights.File.Metadata, model.Files.Source, width), training: null);
    }

    internal override void WriteContent(BinaryWriter writer) => TransformerFormat.Write(Model, writer);

    internal static TransformerTextEncoder ReadContent(BinaryReader reader, MatryoshkaDimensions? trained, TrainingSummary? training) =>
        new(TransformerFormat.Read(reader), trained, training);

    private protected override void EncodeTexts(IReadOnlyList<string> texts, Span<float> embeddings, CancellationToken cancellationToken)
    {
        // Tokens of a window only: many texts need no more memory than a few.
        for (int start = 0; start < texts.Count; start += Window)
        {
            int count = Math.Min(Window, texts.Count - start);
            EncodeWindow(texts, start, count, embeddings.Slice(start * Dimensions, count * Dimensions), cancellationToken);
        }
    }

    private protected override void SaveFiles(string folder) => Model.Write(folder);

    /// <summary>The model whose weights name the trained dimensions: the same one where they do already.</summary>
    private static TransformerModel WithTrainedDimensions(TransformerModel model, MatryoshkaDimensions? trained)
    {
        IReadOnlyList<KeyValuePair<string, string>> metadata = model.Weights.File.Metadata;
        KeyValuePair<string, string>[] changed = [.. metadata.Where(pair => !TrainedDimensionsEntry.Is(pair)), .. TrainedDimensionsEntry.Of(trained ?? (IReadOnlyCollection<int>)[])];
        return changed.Length == metadata.Count && Array.TrueForAll(changed, metadata.Contains) ? model : model.With(changed);
    }

    private void EncodeWindow(IReadOnlyList<string> texts, int start, int count, Span<float> embeddings, CancellationToken cancellationToken)
    {
        var rows = new int[count][];
        for (int i = 0; i < count; i++)
        {
            CheckCancelled(i, cancellationToken);
            rows[i] = Tokenize(texts[start + i]);
        }
        EncodeTokens(rows, embeddings, cancellationToken);
    }

    /// <summary>Computes the embeddings of texts that are tokens already, in their order, <c>[N, D]</c>.</summary>
    internal void EncodeTokens(int[][] rows, Span<float> embeddings, CancellationToken cancellationToken)
    {
        int count = rows.Length;
        int[] order = [.. Enumerable.Range(0, count).OrderByDescending(i => rows[i].Length)];
        for (int done = 0; done < count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The longest of what is left comes first, so it says how many fit.
            int size = Math.Min(Math.Clamp(MostTokens / rows[order[done]].Length, 1, MostRows), count - done);
            int[] chosen = order[done..(done + size)];
            var vectors = new float[size * Model.Dimensions];
            _session.Value.Embed(TokenBatch.From([.. chosen.Select(i => rows[i])], Model.Config.PadId), vectors);
            for (int i = 0; i < size; i++)
            {
                vectors.AsSpan(i * Model.Dimensions, Dimensions).CopyTo(embeddings[(chosen[i] * Dimensions)..]);
            }
            done += size;
        }
    }
}
