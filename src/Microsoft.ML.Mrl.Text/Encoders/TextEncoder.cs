using System.Security.Cryptography;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a map from texts to embeddings <c>[D]</c>. It consists of a tokenizer and weights, and knows how it was trained.
/// </summary>
/// <remarks>
/// Encoders are immutable and safe for concurrent use. A static encoder needs no native library. Other encoders run with ONNX Runtime.
/// Texts may have any length. An unpaired surrogate is treated as U+FFFD, and <see langword="null"/> as an empty text.
/// </remarks>
public abstract partial class TextEncoder
{
    private const int TextsBetweenChecks = 16;

    private readonly Lazy<string> _fingerprint;

    /// <param name="dimensions">The width of the embeddings.</param>
    /// <param name="fullDimensions">The width without a cut.</param>
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
    /// Gets the width of the embeddings before they are cut to <see cref="Dimensions"/> values by <see cref="WithDimensions"/> or by the
    /// <c>truncate_dim</c> of a folder. It equals <see cref="Dimensions"/> if they are not cut.
    /// </summary>
    public int FullDimensions { get; }

    /// <summary>
    /// Gets a value indicating whether embeddings have unit length, x / max(|x|, 1e-12). Prefixes of such embeddings are shorter, so the
    /// value is <see langword="false"/> for an encoder that cuts them.
    /// </summary>
    public abstract bool IsNormalized { get; }

    /// <summary>
    /// Gets the prefix lengths that the encoder was trained at, in ascending order, or <see langword="null"/> if none are known.
    /// </summary>
    public MatryoshkaDimensions? TrainedDimensions { get; }

    /// <summary>
    /// Gets the summary of the fine-tuning by this library, or <see langword="null"/> if the encoder was not fine-tuned. ML.NET's model
    /// files keep it, but folders do not.
    /// </summary>
    public TrainingSummary? Training { get; }

    /// <summary>
    /// Gets 16 hexadecimal digits that identify the encoder: the start of the SHA-256 hash of its tokenizer, weights and trained
    /// dimensions. Embeddings can be compared only if they come from the same encoder.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>
    /// Gets the prompts that can be put before texts, by name, such as <c>query</c> and <c>document</c>. There may be none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Prompts => PromptTexts.ByName;

    /// <summary>
    /// Gets the name of the prompt that is put before every text unless another prompt is requested, or <see langword="null"/> if there is
    /// none.
    /// </summary>
    public string? DefaultPrompt => PromptTexts.DefaultName;

    /// <summary>Computes the embeddings of texts.</summary>
    /// <param name="texts">The N texts.</param>
    /// <param name="embeddings">The span that receives the embeddings in the order of the texts, row by row, <c>[N, D]</c>.</param>
    /// <param name="prompt">
    /// The name of one of the <see cref="Prompts"/>. The default, <see langword="null"/>, is the <see cref="DefaultPrompt"/>.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Rows that are finished keep their values.</param>
    /// <exception cref="ArgumentNullException"><paramref name="texts"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="embeddings"/> does not have exactly N · D values, or the encoder has no such prompt.
    /// </exception>
    /// <exception cref="NotSupportedException">The encoder does not pool the tokens of a prompt, which is not supported.</exception>
    /// <exception cref="OperationCanceledException">Cancellation was requested.</exception>
    /// <exception cref="TimeoutException">A regular expression of the tokenizer does not finish on a text within seconds.</exception>
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
    /// <exception cref="TimeoutException">A regular expression of the tokenizer does not finish on the text within seconds.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's normalizer makes far more of a text than any needs.</exception>
    public float[] Encode(string text, string? prompt = null)
    {
        var embedding = new float[Dimensions];
        EncodeTexts([text], PromptTexts.Text(prompt), embedding, CancellationToken.None);
        return embedding;
    }

    /// <summary>
    /// Returns an encoder that cuts its embeddings to their first values. It keeps all of its weights. <see cref="Save"/> writes the cut as
    /// <c>truncate_dim</c>, which <see cref="Load"/> and sentence-transformers 5.4 and later read. <see cref="ExportToOnnx"/> writes it
    /// into the model. As in Python, embeddings are not rescaled after the cut.
    /// </summary>
    /// <param name="dimensions">The width of the embeddings, from 1 to <see cref="FullDimensions"/>, which undoes a cut.</param>
    /// <returns>
    /// An encoder with that width, or this one if it already has that width. Its trained dimensions are those up to the width.
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
    /// Writes the encoder as an ONNX model, <c>onnx/model.onnx</c>, and its tokenizer and prompts beside the folder <c>onnx</c>. There
    /// sentence-transformers finds them (<c>backend="onnx"</c>), and <see cref="Save"/> into the same folder adds the other files.
    /// </summary>
    /// <param name="folder">The folder, which is created if it does not exist. Files of the same names in it are replaced.</param>
    /// <remarks>
    /// <para>
    /// The inputs of the model are <c>input_ids</c> and <c>attention_mask</c>, both int64 <c>[N, T]</c>; the mask is 1 for real tokens. The
    /// output <c>sentence_embedding</c>, <c>[N, D]</c>, has the values of <see cref="Encode(string, string?)"/>: pooling, Dense and
    /// Normalize modules, token weights and a cut (<c>truncate_dim</c>) are part of the model. A default prompt and the conversion to lower
    /// case are not, since they change the text. The model uses operator set 17 and single precision, whatever the type of the weights is.
    /// It holds no date, so the same encoder always gives the same bytes. Its metadata are <c>mrl.encoder_fingerprint</c>,
    /// <c>mrl.dimensions</c>, <c>mrl.unit_length</c> if embeddings have it, and <c>mrl.trained_dimensions</c> if they are known.
    /// </para>
    /// <para>
    /// The ids of a transformer include the two special tokens, and there are at most <see cref="TransformerTextEncoder.MaxLength"/> of
    /// them. Its model also has the output <c>token_embeddings</c>, <c>[N, T, H]</c>: the last layer.
    /// </para>
    /// <para>
    /// The ids of a static encoder are those of its <c>tokenizer.json</c> without special tokens. A text without tokens, whose mask is 0
    /// everywhere, becomes zeros. If the encoder ignores unknown words, the model ignores the id of the token for unknown words, whatever
    /// the mask says. Words that the encoder hashes into buckets are ignored as well, as in Python, since the model never sees their
    /// letters. The embeddings of such texts differ from those of <see cref="Encode(string, string?)"/>, and the metadata then have
    /// <c>mrl.buckets_left_out</c>.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">The weights do not fit into one ONNX file, which holds at most 2 GiB.</exception>
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
    /// without other weights. A setting that this library does not know is refused by name. The tokenizer may have a WordPiece, WordLevel,
    /// BPE or Unigram model. As in Python, a <c>StaticEmbedding</c> uses the vector of the unknown token for unknown words, and model2vec
    /// ignores them. Texts are not cut at 512 tokens, which model2vec does by default. Weights may be F32, F16, BF16, F64 or I8. Pickles
    /// are never read. A <c>truncate_dim</c> cuts the embeddings, and <see cref="WithDimensions"/> undoes it.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or is not part of such a model, or the vocabulary does not match the weights.
    /// </exception>
    /// <exception cref="FormatException">The weights are damaged, or are not those of such a model.</exception>
    /// <exception cref="NotSupportedException">The model has modules, settings or a tokenizer that this library does not know.</exception>
    /// <exception cref="IOException">The folder or a file is missing or cannot be read.</exception>
    public static TextEncoder Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return EncoderFolder.Load(folder);
    }

    /// <summary>Saves the encoder as a folder that sentence-transformers and <see cref="Load"/> read.</summary>
    /// <param name="folder">
    /// The folder, which is created if it does not exist. The files of an encoder in it are replaced, except for a README.md. Other files
    /// stay.
    /// </param>
    /// <remarks>
    /// <para>
    /// All files are replaced in one step, so that another process never finds files of two encoders in the folder, even if this process
    /// ends early. If the folder cannot be exchanged, because it is a mount point or the current directory, the files are replaced one by
    /// one.
    /// </para>
    /// <para>
    /// A cut (<see cref="WithDimensions"/>) is written as <c>truncate_dim</c>. Versions of sentence-transformers before 5.4 ignore it and
    /// need <c>SentenceTransformer(path, truncate_dim=…)</c>. An ONNX graph that was loaded without a <c>config.json</c> is saved without
    /// one, and Python needs that of the original model. If the folder has no <c>README.md</c>, a model card is written, which names
    /// the dimensions and says how they were trained and how to use them.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AtomicFolder.Write(folder, WriteFolder);
    }

    /// <summary>Gets the prompts and the default one.</summary>
    internal abstract EncoderPrompts PromptTexts { get; }

    /// <summary>Gets the name of the kind of encoder in saved models.</summary>
    internal abstract string Kind { get; }

    /// <summary>Gets the tokenizer for <see cref="EncodeTokens"/>, or <see langword="null"/> if the encoder reads only texts.</summary>
    internal virtual TextTokenizer? TokensOf => null;

    /// <summary>Computes the embeddings of texts that are already tokenized, in their order, <c>[N, D]</c>.</summary>
    internal virtual void EncodeTokens(int[][] rows, Span<float> embeddings, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The encoder takes texts only.");

    /// <summary>Gets a value indicating whether encoding many texts uses only one thread.</summary>
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

    /// <summary>Checks the cancellation token every few texts.</summary>
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
