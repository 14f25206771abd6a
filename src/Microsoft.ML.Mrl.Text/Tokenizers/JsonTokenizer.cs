using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// A tokenizer as a <c>tokenizer.json</c> of the tokenizers library describes it: added tokens, normalizer, pre-tokenizer, and a WordPiece,
/// WordLevel, BPE or Unigram model. Special tokens around a text are not added. Immutable; safe for concurrent use.
/// </summary>
/// <remarks>
/// Own code for every family: Microsoft.ML.Tokenizers 3.0.0 was compared with the same vocabularies, on texts with emoji, accents, blanks
/// of all kinds and unknown characters. It reads no <c>tokenizer.json</c>, and
/// <list type="bullet">
/// <item><description>WordPiece: it drops symbols such as $, =, ² and emoji, glues words together at tabs and line feeds, parts them at
/// soft hyphens and not at underscores, and with invariant globalization keeps accents.</description></item>
/// <item><description>byte-level BPE: nearest. It takes letters beyond the Basic Multilingual Plane for symbols and does not find added
/// tokens; a word's time grows with the square of its length, so that one word of a million characters takes minutes; byte fallback and
/// whole words first are missing.</description></item>
/// <item><description>sentencepiece BPE: it applies no map of characters and no user-defined pieces, gives no token for a text of one
/// character, and merges the rightmost of equal pairs: 000 becomes 0 00.</description></item>
/// <item><description>sentencepiece Unigram: byte fallback gives ids of other pieces, characters that the map removes stay, neighbouring
/// unknown characters are a token each.</description></item>
/// </list>
/// The tests hold an example of each, and use the package as an oracle where it agrees: look there when a later version comes.
/// </remarks>
internal sealed class JsonTokenizer
{
    private readonly TextNormalizer? _normalizer;
    private readonly IReadOnlyList<AddedToken> _tokens;
    private readonly IReadOnlyList<PreTokenizer> _preTokenizers;
    private readonly TokenizerModel _model;
    private readonly AddedTokenFinder _added;
    private readonly AddedTokenFinder _addedNormalized;

    private readonly string? _source;

    /// <param name="normalizer">Rewrites texts; <see langword="null"/> for none.</param>
    /// <param name="steps">Cut texts into words.</param>
    /// <param name="model">Cuts words into tokens.</param>
    /// <param name="vocabulary">All tokens and their ids.</param>
    /// <param name="added">Tokens that are found in texts.</param>
    /// <param name="source">The file, for messages.</param>
    public JsonTokenizer(TextNormalizer? normalizer, IReadOnlyList<PreTokenizer> steps, TokenizerModel model,
        IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<AddedToken> added, string? source = null)
    {
        _source = source;
        _normalizer = normalizer;
        _preTokenizers = steps;
        _model = model;
        Vocabulary = vocabulary;
        _tokens = added;
        _added = new AddedTokenFinder(added.Where(t => !t.IsNormalized).Select(t => (t.Content, t)));
        _addedNormalized = new AddedTokenFinder(added.Where(t => t.IsNormalized).Select(t => (Normalized(t.Content), t)));
        UnknownId = model.UnknownToken is { } unknown && vocabulary.TryGetValue(unknown, out int id) ? id : null;
    }

    /// <summary>Gets all tokens, added ones too, and their ids.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Gets the token that stands for unknown words, or null if there is none.</summary>
    public int? UnknownId { get; }

    /// <summary>Gets the maximum number of tokens of a text, or null for any number.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Gets a value indicating whether the last tokens of a longer text are kept and not the first.</summary>
    public bool KeepsLast { get; init; }

    /// <summary>The same tokenizer for texts that are converted to lower case first; this one where they come out so already.</summary>
    public JsonTokenizer Lowered() => _normalizer?.LowersCase ?? false ? this : new JsonTokenizer(
        _normalizer is null ? new LowercaseNormalizer() : new NormalizerSequence([new LowercaseNormalizer(), _normalizer]),
        _preTokenizers, _model, Vocabulary, _tokens, _source) { MaxTokens = MaxTokens, KeepsLast = KeepsLast };

    /// <summary>Passes the tokens of a text to a sink. Halves of surrogate pairs count as U+FFFD.</summary>
    public void Encode(string text, ITokenSink sink)
    {
        string valid = Valid(text);
        WordReceiver words = PreTokenizer.Chain(_preTokenizers, new ModelReceiver(_model, sink, new MatchTime(valid.Length)));
        int done = 0;
        foreach (AddedMatch match in _added.Find(valid))
        {
            EncodeRaw(Between(valid, done, match.Start), done == 0, words, sink);
            AddToken(match.Token, sink);
            done = match.End;
        }
        EncodeRaw(valid.AsSpan(done), done == 0, words, sink);
    }

    /// <summary>Passes on the words of a text as the model gets them, added tokens left out.</summary>
    public void ReadWords(string text, SpanAction take) =>
        new JsonTokenizer(_normalizer, _preTokenizers, new WordReader(take, _model.UnknownToken), Vocabulary, _tokens, _source)
            .Encode(text, NoSink.Instance);

    /// <summary>Passes the tokens of one word to a sink.</summary>
    public void EncodeWord(ReadOnlySpan<char> word, ITokenSink sink) => _model.Encode(word, sink);

    private static ReadOnlySpan<char> Between(ReadOnlySpan<char> text, int start, int end) => end > start ? text[start..end] : [];

    private void EncodeRaw(ReadOnlySpan<char> text, bool isStart, WordReceiver words, ITokenSink sink)
    {
        if (text.IsEmpty)
        {
            return;
        }
        if (_normalizer is not null)
        {
            var normalized = new CharBuffer(words.Time, _source);
            _normalizer.Apply(text, normalized);
            text = normalized.Written;
        }
        int done = 0;
        foreach (AddedMatch match in _addedNormalized.Find(text))
        {
            EncodeWords(Between(text, done, match.Start), isStart && done == 0, words);
            AddToken(match.Token, sink);
            done = match.End;
        }
        EncodeWords(text[done..], isStart && done == 0, words);
    }

    private string Normalized(string text)
    {
        if (_normalizer is null)
        {
            return text;
        }
        var normalized = new CharBuffer(new MatchTime(text.Length), _source);
        _normalizer.Apply(Valid(text), normalized);
        return normalized.Written.ToString();
    }

    private static void EncodeWords(ReadOnlySpan<char> text, bool isStart, WordReceiver words)
    {
        if (!text.IsEmpty)
        {
            words.Take(text, isStart);
        }
    }

    private void AddToken(AddedToken token, ITokenSink sink)
    {
        if (token.Id == UnknownId)
        {
            sink.AddUnknown(token.Content);
        }
        else
        {
            sink.Add(token.Id);
        }
    }

    private static string Valid(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                {
                    i++;
                    continue;
                }
                var repaired = new StringBuilder(text.Length);
                foreach (Rune c in text.EnumerateRunes())
                {
                    repaired.Append(c);
                }
                return repaired.ToString();
            }
        }
        return text;
    }

    private sealed class ModelReceiver(TokenizerModel model, ITokenSink sink, MatchTime time) : WordReceiver(time)
    {
        public override void Take(ReadOnlySpan<char> word, bool isStart) => model.Encode(word, sink);
    }

    /// <summary>Takes a word.</summary>
    public delegate void SpanAction(ReadOnlySpan<char> word);

    private sealed class WordReader(SpanAction take, string? unknownToken) : TokenizerModel
    {
        public override string? UnknownToken => unknownToken;

        public override void Encode(ReadOnlySpan<char> word, ITokenSink sink) => take(word);
    }

    private sealed class NoSink : ITokenSink
    {
        public static NoSink Instance { get; } = new();

        public void Add(int id)
        {
        }

        public void AddUnknown(ReadOnlySpan<char> word)
        {
        }
    }
}
