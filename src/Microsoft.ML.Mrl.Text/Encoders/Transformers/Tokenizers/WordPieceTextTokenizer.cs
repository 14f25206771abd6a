using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>BERT's tokenizer with the special tokens around a text: <c>[CLS] … [SEP]</c>.</summary>
internal sealed class WordPieceTextTokenizer : TextTokenizer
{
    private readonly JsonTokenizer _tokenizer;
    private readonly WordPieceTokenizerOptions _options;
    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly int _unknown;

    /// <param name="source">The vocabulary's name, for messages.</param>
    /// <param name="vocabulary">The ids of the tokens.</param>
    /// <param name="options">How to treat text.</param>
    /// <exception cref="InvalidDataException">The vocabulary lacks a special token that is needed.</exception>
    public WordPieceTextTokenizer(string source, IReadOnlyDictionary<string, int> vocabulary, WordPieceTokenizerOptions options)
        : base([Require(vocabulary, options.FirstToken, source)], [Require(vocabulary, options.LastToken, source)])
    {
        _options = options;
        _vocabulary = vocabulary;
        _unknown = Require(vocabulary, options.UnknownToken, source);
        List<AddedToken> added = AddedToken.WithIds(options.AddedTokens, vocabulary);
        VocabularySize = Math.Max(vocabulary.Values.Max(), added.Select(t => t.Id).DefaultIfEmpty(0).Max()) + 1;
        var tokenizer = new JsonTokenizer(
            new BertNormalizer(cleansText: true, options.SplitChinese, options.StripAccents, options.LowerCase),
            [new CharacterKindPreTokenizer(new WordSplitter(WordSplitter.Rules.DropsWhiteSpace | WordSplitter.Rules.PartsPunctuation))],
            new WordPieceModel([.. vocabulary], options.ContinuationPrefix, options.UnknownToken, options.MaxWordLength),
            vocabulary,
            added);
        _tokenizer = options.LowersFirst ? tokenizer.Lowered() : tokenizer;
    }

    public override int VocabularySize { get; }

    internal override bool IsSpecial(int id) =>
        base.IsSpecial(id) || _options.AddedTokens.Any(t => !t.IsNormalized && _vocabulary.GetValueOrDefault(t.Content, -1) == id);

    internal override byte[] ToJson(IReadOnlyList<string> words) => WordPieceTokenizerFile.Write(_vocabulary, words, _options);

    internal override void ReadWords(string text, Action<string> take) =>
        _tokenizer.ReadWords(text, word =>
        {
            var ids = new List<int>();
            _tokenizer.EncodeWord(word, new Sink(ids, _unknown));
            if (ids.Count > 1)
            {
                take(word.ToString());
            }
        });

    private protected override void Append(string text, List<int> ids) => _tokenizer.Encode(text, new Sink(ids, _unknown));

    private static int Require(IReadOnlyDictionary<string, int> vocabulary, string token, string source) =>
        vocabulary.TryGetValue(token, out int id) ? id : throw new InvalidDataException(
            $"'{source}' has no token '{token}', which the tokenizer needs. Is it the vocabulary of another model?");

    private sealed class Sink(List<int> ids, int unknown) : ITokenSink
    {
        public void Add(int id) => ids.Add(id);

        public void AddUnknown(ReadOnlySpan<char> word) => ids.Add(unknown);
    }
}
