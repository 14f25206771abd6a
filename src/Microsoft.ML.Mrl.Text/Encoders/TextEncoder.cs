using System.Security.Cryptography;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a map from texts to embeddings <c>[D]</c>: a tokenizer, weights, and what they were trained with.</summary>
/// <remarks>
/// Encoders are immutable and safe for concurrent use. A static encoder needs no native library, and other encoders run with ONNX Runtime.
/// Texts may have any length. An unpaired surrogate counts as U+FFFD, and <see langword="null"/> counts as an empty text.
/// </remarks>
public abstract partial class TextEncoder
{
    private const int TextsBetweenChecks = 16;

    private readonly Lazy<string> _fingerprint;

    /// <param name="dimensions">The width of the embeddings.</param>
    /// <param name="fullDimensions">What it would be without a cut.</param>
    /// <param name="trainedDimensions">Prefix lengths of the embeddings.</param>
    /// <param name="training">How the encoder was fine-tuned.</param>
    private protected TextEncoder(int dimensions, int fullDimensions, MatryoshkaDimensions? trainedDimensions, TrainingSummary? training)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (trainedDimensions?.Largest > dimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(trainedDimensions), trainedDimensions.Largest,
                $"Trained dimension {trainedDimensions.Largest} is longer than the encoder's embeddings of {dimensions} values. Choose " +
                    $"1..{dimensions}.");
        }
        Dimensions = dimensions;
        FullDimensions = fullDimensions;
        TrainedDimensions = trainedDimensions;
        Training = training;
        _fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    /// <summary>Gets the width D of the embeddings.</summary>
    public int Dimensions { get; }

    /// <summary>
    /// Gets the width of the embeddings before they are cut to <see cref="Dimensions"/> values by <see cref="WithDimensions"/> or by a
    /// folder's <c>truncate_dim</c>. It equals <see cref="Dimensions"/> when they are not cut.
    /// </summary>
    public int FullDimensions { get; }

    /// <summary>
    /// Gets whether embeddings have unit length, x / max(|x|, 1e-12). Prefixes of such embeddings are shorter, and so this is
    /// <see langword="false"/> for an encoder that cuts them.
    /// </summary>
    public abstract bool IsNormalized { get; }

    /// <summary>Gets the prefix lengths that the encoder was trained at, ascending; <see langword="null"/> when none are known.</summary>
    public MatryoshkaDimensions? TrainedDimensions { get; }

    /// <summary>
    /// Gets the summary of the fine-tuning by this library; <see langword="null"/> for an encoder that was not fine-tuned. ML.NET's model
    /// files keep it, and folders do not.
    /// </summary>
    public TrainingSummary? Training { get; }

    /// <summary>
    /// Gets 16 hexadecimal digits that identify the encoder: the start of the SHA-256 of its tokenizer, weights and trained dimensions.
    /// Embeddings are comparable only when they come from the same encoder.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Gets the prompts that may be put before texts, by name, such as <c>query</c> and <c>document</c>. May be empty.</summary>
    public IReadOnlyDictionary<string, string> Prompts => PromptTexts.ByName;

    /// <summary>
    /// Gets the name of the prompt that is put before every text unless another is asked for; <see langword="null"/> for none.
    /// </summary>
    public string? DefaultPrompt => PromptTexts.DefaultName;

    /// <summary>Computes the embeddings of texts.</summary>
    /// <param name="texts">The N texts.</param>
    /// <param name="embeddings">Receives the embeddings in the order of the texts, row by row, <c>[N, D]</c>.</param>
    /// <param name="prompt">
    /// The name of one of the <see cref="Prompts"/>; <see langword="null"/> for the <see cref="DefaultPrompt"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the work. Rows that are finished keep their values.</param>
    /// <exception cref="ArgumentNullException"><paramref name="texts"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="embeddings"/> does not have exactly N · D values, or the encoder has no such prompt.
    /// </exception>
    /// <exception cref="NotSupportedException">The encoder leaves the prompt out of the mean of a text's tokens.</exception>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    /// <exception cref="TimeoutException">A regular expression of the tokenizer does not come to an end on a text within
    /// seconds.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's normalizer makes far more of a text than any needs.</exception>
    public void Encode(
        IReadOnlyList<string> texts, Span<float> embeddings, string? prompt = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (embeddings.Length != (long)texts.Count * Dimensions)
        {
            throw new ArgumentException(
                $"Room for {embeddings.Length} values was given, but {texts.Count} texts have {(long)texts.Count * Dimensions}: " +
                $"{Dimensions} each.", nameof(embeddings));
        }
        EncodeTexts(texts, PromptTexts.Text(prompt), embeddings, cancellationToken);
    }

    /// <summary>Computes the embedding of one text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prompt">
    /// The name of one of the <see cref="Prompts"/>, which is put before the text. The default, <see langword="null"/>, is the
    /// <see cref="DefaultPrompt"/>.
    /// </param>
    /// <returns>The embedding, <c>[D]</c>.</returns>
    /// <exception cref="ArgumentException">The encoder has no such prompt.</exception>
    /// <exception cref="TimeoutException">A regular expression of the tokenizer does not come to an end on a text within
    /// seconds.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's normalizer makes far more of a text than any needs.</exception>
    public float[] Encode(string text, string? prompt = null)
    {
        var embedding = new float[Dimensions];
        EncodeTexts([text], PromptTexts.Text(prompt), embedding, CancellationToken.None);
        return embedding;
    }

    /// <summary>
    /// Returns an encoder that cuts its embeddings to their first values. It keeps all its weights: <see cref="Save"/> writes the cut as
    /// <c>truncate_dim</c>, which <see cref="Load"/> and sentence-transformers 5.4 and later read, and <see cref="ExportToOnnx"/> writes it
    /// into the model. Nothing is rescaled after the cut, as in Python.
    /// </summary>
    /// <param name="dimensions">The width of the embeddings, 1 to <see cref="FullDimensions"/>, which undoes a cut.</param>
    /// <returns>
    /// The encoder with that width, or this one when it has that width. Its trained dimensions are those up to the width.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is not in 1..<see cref="FullDimensions"/>.</exception>
    public TextEncoder WithDimensions(int dimensions)
    {
        if (dimensions < 1 || dimensions > FullDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                $"Cannot give {dimensions} values: the encoder has {FullDimensions}. Choose 1..{FullDimensions}.");
        }
        return dimensions == Dimensions ? this : Cut(dimensions);
    }

    /// <summary>
    /// Writes the encoder as an ONNX model, <c>onnx/model.onnx</c>, with its tokenizer beside the folder <c>onnx</c>: where
    /// sentence-transformers looks for a transformer's (<c>backend="onnx"</c>), and where <see cref="Save"/> into the same folder puts the
    /// rest.
    /// </summary>
    /// <param name="folder">The folder; made if it is not there. Files in it of the same names are replaced.</param>
    /// <remarks>
    /// <para>
    /// The model takes <c>input_ids</c> and <c>attention_mask</c>, int64 <c>[N, T]</c>, 1 in the mask for real tokens, and gives
    /// <c>sentence_embedding</c> <c>[N, D]</c>, what <see cref="Encode(string, string?)"/> gives: pooling, Dense and Normalize modules,
    /// token weights and a cut (<c>truncate_dim</c>) are inside. A default prompt and lower case are not; they belong to the text. It is of
    /// operator set 17, in single precision whatever type the weights have, and holds no date: one encoder gives the same bytes every time.
    /// Its metadata name the encoder's <c>mrl.encoder_fingerprint</c>, <c>mrl.dimensions</c> and, where they are known,
    /// <c>mrl.trained_dimensions</c>.
    /// </para>
    /// <para>
    /// A transformer's ids have the two special tokens around them and are at most <see cref="TransformerTextEncoder.MaxLength"/>; its
    /// model also gives <c>token_embeddings</c> <c>[N, T, H]</c>, the last layer.
    /// </para>
    /// <para>
    /// A static encoder's ids are those of its <c>tokenizer.json</c> without special tokens. A text without tokens, all 0 in the mask,
    /// becomes zeros. Where the encoder passes over unknown words, the model passes over the id of their token, whatever the mask says.
    /// Words that the encoder hashes into buckets are passed over as well, since the model never sees their letters, and as Python does:
    /// embeddings of such texts are not those of <see cref="Encode(string, string?)"/>, and the metadata have <c>mrl.buckets_left_out</c>.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">The weights do not fit into the 2 GiB of one ONNX file.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void ExportToOnnx(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AtomicFolder.Write(folder, WriteOnnx);
    }

    /// <summary>Loads an encoder from a folder of sentence-transformers, model2vec or Hugging Face.</summary>
    /// <param name="folder">The folder.</param>
    /// <remarks>
    /// A folder may hold a transformer (bert, distilbert, mpnet, roberta, xlm-roberta or camembert) with Pooling, Dense and Normalize
    /// modules, a <c>StaticEmbedding</c> with Dense and Normalize modules, a model2vec model in any of its layouts, or an ONNX graph
    /// without other weights. Settings that this library does not know are refused by name. Tokenizers may have a WordPiece, WordLevel, BPE
    /// or Unigram model. As in Python, a <c>StaticEmbedding</c> counts unknown words by the row of their token, and model2vec ignores them.
    /// Texts are not cut at 512 tokens, as model2vec does unless told otherwise. Weights may be F32, F16, BF16, F64 or I8; pickles are
    /// never read. A <c>truncate_dim</c> cuts the embeddings, and <see cref="WithDimensions"/> undoes it.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or is not of such a model; vocabulary and table do not fit each
    /// other.</exception>
    /// <exception cref="FormatException">The weights are damaged, or not those of such a model.</exception>
    /// <exception cref="NotSupportedException">The model has modules, settings or a tokenizer that this library does not know.</exception>
    /// <exception cref="IOException">The folder or a file is missing or cannot be read.</exception>
    public static TextEncoder Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return EncoderFolder.Load(folder);
    }

    /// <summary>Saves the encoder as a folder that sentence-transformers and <see cref="Load"/> read.</summary>
    /// <param name="folder">
    /// The folder; made if it is not there. The files of an encoder that it holds are replaced, but for a README.md; other files stay.
    /// </param>
    /// <remarks>
    /// <para>
    /// The folder is written beside its place and put there in one step, so that a process that reads it, or one that ends in between,
    /// never finds files of two encoders. Where the place cannot be exchanged, such as a mounted folder or the current directory, the files
    /// are replaced one by one.
    /// </para>
    /// <para>
    /// A cut (<see cref="WithDimensions"/>) is written as <c>truncate_dim</c>: sentence-transformers reads it from version 5.4 on; earlier
    /// ones pass over it and want <c>SentenceTransformer(path, truncate_dim=…)</c>. A <c>README.md</c> is written unless there is one: a
    /// model card with the dimensions, how they were trained, and how to use them.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AtomicFolder.Write(folder, WriteFolder);
    }

    /// <summary>The prompts and the default one.</summary>
    internal abstract EncoderPrompts PromptTexts { get; }

    /// <summary>What tells kinds of encoders apart in saved models.</summary>
    internal abstract string Kind { get; }

    /// <summary>What makes tokens for <see cref="EncodeTokens"/>; <see langword="null"/> where an encoder takes none.</summary>
    internal virtual TextTokenizer? TokensOf => null;

    /// <summary>Computes the embeddings of texts that are tokens already, in their order, <c>[N, D]</c>.</summary>
    internal virtual void EncodeTokens(int[][] rows, Span<float> embeddings, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The encoder takes texts only.");

    /// <summary>Whether many texts at once keep one core busy only.</summary>
    internal virtual bool UsesOneThread => false;

    /// <summary>Writes the encoder to a stream, with a checksum.</summary>
    internal void Write(Stream stream) => TextEncoderFormat.Write(this, stream);

    /// <summary>Reads an encoder that <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an encoder, are damaged, or are from a newer version.</exception>
    internal static TextEncoder Read(Stream stream) => TextEncoderFormat.Read(stream);

    internal abstract void WriteContent(BinaryWriter writer);

    /// <summary>Computes the embeddings of texts with a prompt before each.</summary>
    private protected abstract void EncodeTexts(
        IReadOnlyList<string> texts, string prompt, Span<float> embeddings, CancellationToken cancellationToken);

    private protected abstract void SaveFiles(string folder);

    private protected abstract TextEncoder Cut(int dimensions);

    private protected abstract ModelProto MakeOnnx();

    /// <summary>Writes the tokenizer's files.</summary>
    private protected abstract void SaveBesideOnnx(string folder);

    /// <summary>Looks at the token every few texts.</summary>
    private protected static void CheckCancelled(int text, CancellationToken cancellationToken)
    {
        if (text % TextsBetweenChecks == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void WriteFolder(string aside)
    {
        var earlier = EarlierFiles.Of(aside);
        ModelCard.Write(this, aside);
        SaveFiles(aside);
        earlier.DeleteUnwritten();
    }

    private string ComputeFingerprint()
    {
        using var hash = SHA256.Create();
        using (var writer = new BinaryWriter(new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write)))
        {
            TextEncoderFormat.WriteIdentity(this, writer);
        }
        return Convert.ToHexString(hash.Hash.AsSpan(0, 8)).ToLowerInvariant();
    }
}
