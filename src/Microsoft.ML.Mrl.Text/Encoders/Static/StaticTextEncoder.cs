using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents an encoder that is a table of token vectors. The embedding of a text is the mean of the vectors of its tokens, Σ w_t · row_t
/// / n. It is very fast, and small enough for a browser or a phone, but it ignores the order of words.
/// </summary>
/// <remarks>
/// Unknown words are ignored, except in two cases: the encoder hashes them into buckets of character n-grams, or it was loaded from a
/// folder that Python reads with a vector for unknown tokens, such as [UNK]. The embedding of a text without any known token is all zeros,
/// unless a Dense module follows the table. One call uses one thread, and any number of calls may run at once.
/// </remarks>
public sealed class StaticTextEncoder : TextEncoder
{
    internal const string KindName = "static";

    private readonly StaticEncoderContent _content;
    private readonly JsonTokenizer _tokenizer;
    private readonly int? _passedOver;
    private readonly PooledSteps? _steps;

    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    /// <exception cref="InvalidDataException">The tokenizer cannot be read, or does not fit the table.</exception>
    internal StaticTextEncoder(StaticEncoderContent content)
        : base(content.Width, content.FullWidth, content.TruncateDimensions is { } width
            ? content.TrainedDimensions?.UpTo(width)
            : content.TrainedDimensions, content.Training)
    {
        _content = content;
        _tokenizer = TokenizerFile.Parse(content.TokenizerJson, content.TokenizerSource);
        StaticEncoderCheck.Throw(content, _tokenizer);
        _passedOver = content.SkipsUnknown ? _tokenizer.UnknownId : null;
        _steps = content.Steps.Count > 0 ? new PooledSteps(content.Steps) : null;
    }

    /// <inheritdoc/>
    public override bool IsNormalized => _content.IsNormalized && Dimensions == FullDimensions;

    /// <summary>Gets the number of tokens V that have a vector.</summary>
    public int VocabularySize => _tokenizer.Vocabulary.Count;

    /// <summary>
    /// Gets the number of buckets B that the character n-grams of unknown words are hashed into, or 0 if unknown words are not hashed.
    /// </summary>
    public int Buckets => _content.Subwords?.Buckets ?? 0;

    internal override string Kind => KindName;

    internal override EncoderPrompts PromptTexts => _content.Prompts;

    internal override bool UsesOneThread => true;

    internal StaticEncoderContent Content => _content;

    /// <summary>
    /// Gets a value indicating whether sentence-transformers returns other embeddings for texts with unknown words, because it counts them.
    /// </summary>
    internal bool CountsUnknownElsewhere => _content.Mapping is not null || _content.TokenWeights is not null
        || (_passedOver is { } id && !(_content.IsNormalized && IsZero(id)));

    internal JsonTokenizer Tokenizer => _tokenizer;

    /// <summary>
    /// Creates an encoder from texts alone. Every word that occurs often enough gets a random vector, and so does every bucket that the
    /// character n-grams of all other words are hashed into. The embeddings carry no meaning until the encoder is fine-tuned.
    /// </summary>
    /// <param name="corpus">The texts, which are read once.</param>
    /// <param name="options">
    /// The width, the vocabulary, the buckets and the seed. The default is a new <see cref="StaticEncoderOptions"/>.
    /// </param>
    /// <returns>The encoder. The same texts and options give the same bytes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="corpus"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    /// <exception cref="InvalidOperationException">No word occurs often enough, and there are no buckets.</exception>
    public static StaticTextEncoder Create(IEnumerable<string> corpus, StaticEncoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        options ??= new StaticEncoderOptions();
        options.Check(nameof(options));
        return NewStaticEncoder.Make(corpus, options);
    }

    /// <summary>Loads word vectors from a text file of GloVe, or from a text or binary file of word2vec.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="maxWords">
    /// The maximum number of words to read, at least 1. The first words of the file are read, which usually are the most frequent ones. The
    /// default, <see langword="null"/>, reads all of them.
    /// </param>
    /// <param name="lowerCase">
    /// Whether texts are converted to lower case. By default, <see langword="null"/>, they are if no word of the file has an upper-case
    /// letter.
    /// </param>
    /// <param name="frequencyWeighting">
    /// The number a, above 0, in the weight a / (a + p) of a word's vector (Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for
    /// Sentence Embeddings"). Here p is the share of the word among all words according to Zipf's law, so the file must list the words by
    /// falling frequency. The value 1e-3 suits most files. The default, <see langword="null"/>, uses no weights.
    /// </param>
    /// <remarks>
    /// Whether a file is text or binary is found from its content. A text file may begin with word2vec's line of counts, which must then be
    /// correct. If a word occurs twice, its first vector is used. Texts are split at white space and punctuation.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxWords"/> is below 1, or <paramref name="frequencyWeighting"/> is not a number above 0.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// A line does not have as many values as the first one, a value is not a finite number, the file ends too early, or it has no vectors.
    /// </exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static StaticTextEncoder LoadWordVectors(
        string path, int? maxWords = null, bool? lowerCase = null, double? frequencyWeighting = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (maxWords < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(maxWords), maxWords, $"Cannot read {maxWords} words. Choose 1 or more.");
        }
        if (frequencyWeighting is { } a && !(a > 0 && double.IsFinite(a)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(frequencyWeighting), a, $"The frequency weighting is {a}. Choose a number above 0.");
        }
        return WordVectorFile.Read(path, maxWords, lowerCase, frequencyWeighting);
    }

    /// <summary>
    /// Creates a static encoder from another encoder: each token is embedded alone, the embeddings are rotated to their principal
    /// components, and rare tokens get larger weights (as in model2vec, https://github.com/MinishLab/model2vec).
    /// </summary>
    /// <param name="encoder">The encoder to learn from, a transformer or an ONNX graph.</param>
    /// <param name="dimensions">The width of the embeddings, from 1 to the width of the encoder. The default is 256.</param>
    /// <param name="corpus">
    /// Texts like those to be encoded. If they are given, words that consist of several tokens and occur at least twice get their own
    /// vector, and the weights of tokens also depend on how often these texts have them. The default, <see langword="null"/>, weights
    /// tokens by Zipf's law in the order of the vocabulary.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The encoder. Its embeddings have unit length. Their prefixes work alone, like those of PCA.</returns>
    /// <remarks>
    /// The result is far faster than its teacher and needs no ONNX Runtime, but it ignores the order of words. The weight of a row is a /
    /// (a + p), where a = 1e-4 and p is the share of its token (Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for Sentence
    /// Embeddings"): by Zipf's law z or, with a corpus in which the token's share is c, z^0.75 · c^0.25. Tokens are embedded with the
    /// special tokens around them and with all modules that follow the transformer. Only a WordPiece tokenizer lets words of the corpus get
    /// their own vectors. The prompts of the encoder are not kept, since in a mean of token vectors their words would only hide those of
    /// the text.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="encoder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is below 1 or above the width of the encoder.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The encoder is already static, or its tokenizer can be written neither as WordPiece nor as a <c>tokenizer.json</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancellation was requested.</exception>
    public static StaticTextEncoder Distill(
        TextEncoder encoder, int dimensions = 256, IEnumerable<string>? corpus = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        if (dimensions < 1 || dimensions > encoder.Dimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                $"Cannot distil {dimensions} values: the encoder has {encoder.Dimensions}. Choose 1..{encoder.Dimensions}.");
        }
        return encoder.TokensOf is { } tokenizer
            ? new Distillation(encoder, tokenizer, dimensions, cancellationToken).Run(corpus)
            : throw new NotSupportedException("The encoder is static already. Give a transformer or an ONNX graph.");
    }

    internal override void WriteContent(BinaryWriter writer) => StaticEncoderFormat.Write(_content, writer);

    internal static StaticTextEncoder ReadContent(
        BinaryReader reader, int width, MatryoshkaDimensions? trained, TrainingSummary? training) =>
        new(StaticEncoderFormat.Read(reader, width, trained, training));

    private bool IsZero(int row) => !_content.Table.AsSpan(row * _content.Dimensions, _content.Dimensions).ContainsAnyExcept(0f);

    /// <summary>Puts the rows of a text into a bag that is emptied before.</summary>
    internal void Tokenize(string? text, TokenBag bag) => Add(PromptTexts.Text(null) + text, bag);

    private void Add(string text, TokenBag bag)
    {
        bag.Clear();
        if (string.IsNullOrEmpty(text))
        {
            return;
        }
        if (_tokenizer.MaxTokens is { } most)
        {
            // Unknown words count here, also where they are passed over afterwards.
            var all = new CutSink();
            _tokenizer.Encode(text, all);
            all.HandOn(new Sink(this, bag), most, _tokenizer.KeepsLast);
            return;
        }
        _tokenizer.Encode(text, new Sink(this, bag));
    }

    private protected override void EncodeTexts(
        IReadOnlyList<string> texts, string prompt, Span<float> embeddings, CancellationToken cancellationToken)
    {
        var bag = new TokenBag();
        float[]? whole = _steps is not null || (_content.IsNormalized && Dimensions < FullDimensions)
            ? new float[_content.Dimensions]
            : null;
        for (int i = 0; i < texts.Count; i++)
        {
            CheckCancelled(i, cancellationToken);
            Add(prompt + texts[i], bag);
            Span<float> embedding = embeddings.Slice(i * Dimensions, Dimensions);
            Span<float> mean = whole is null ? embedding : whole;
            WeightedMean.Write(bag.Rows, bag.Weights, bag.Count, _content.Table, _content.Dimensions, mean);
            if (_steps is not null)
            {
                mean = _steps.Apply(whole!);
            }
            if (_content.IsNormalized)
            {
                UnitLength.Write(mean, mean);
            }
            if (whole is not null)
            {
                mean[..Dimensions].CopyTo(embedding);
            }
        }
    }

    private protected override TextEncoder Cut(int dimensions) =>
        new StaticTextEncoder(_content with { TruncateDimensions = dimensions == FullDimensions ? null : dimensions });

    private protected override ModelProto MakeOnnx() => StaticEncoderOnnx.Make(_content, _tokenizer.UnknownId);

    private protected override void SaveBesideOnnx(string folder)
    {
        AtomicFile.Write(Path.Combine(folder, TokenizerFile.Name), stream => stream.Write(_content.TokenizerJson));
        StaticEncoderSettings.Write(_content, folder);
    }

    private protected override void SaveFiles(string folder) => StaticEncoderFolder.Write(_content, folder);

    private sealed class Sink(StaticTextEncoder encoder, TokenBag bag) : ITokenSink
    {
        private readonly StaticEncoderContent _content = encoder._content;

        public void Add(int id)
        {
            if (id == encoder._passedOver)
            {
                return;
            }
            bag.AddRow(_content.Mapping?[id] ?? id, _content.TokenWeights?[id] ?? 1);
            bag.EndToken();
        }

        public void AddUnknown(ReadOnlySpan<char> word)
        {
            if (_content.Subwords is { } subwords)
            {
                subwords.Add(word.TrimStart(WordTokenizerFile.Mark), _content.TokenRows, bag);
            }
            else if (!_content.SkipsUnknown && encoder._tokenizer.UnknownId is { } id)
            {
                Add(id);
            }
        }
    }
}
