namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// Splits a word greedily into the longest matching tokens, from its start: WordPiece as BERT uses it (Devlin et al. 2019,
/// arXiv:1810.04805). A word is unknown as a whole if a part of it is in no token, or if it is too long.
/// </summary>
internal sealed class WordPieceModel : TokenizerModel
{
    /// <summary>The most characters that a word of any model may have.</summary>
    public const int LongestWord = 1_000;

    private readonly TokenVocabulary _starts;
    private readonly TokenVocabulary _continuations;
    private readonly int _maxCharacters;

    /// <param name="tokens">All tokens.</param>
    /// <param name="prefix">What marks a token that continues a word, such as ##.</param>
    /// <param name="unknownToken">Stands for unknown words.</param>
    /// <param name="maxCharacters">Longer words, in code points, are unknown.</param>
    public WordPieceModel(IReadOnlyCollection<KeyValuePair<string, int>> tokens, string prefix, string unknownToken, int maxCharacters)
    {
        _starts = new TokenVocabulary(tokens);
        _continuations = new TokenVocabulary(
            [.. tokens.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(t => KeyValuePair.Create(t.Key[prefix.Length..], t.Value))]);
        UnknownToken = unknownToken;
        _maxCharacters = maxCharacters;
    }

    public override string UnknownToken { get; }

    public override void Encode(ReadOnlySpan<char> word, ITokenSink sink)
    {
        const int Few = 256;
        if (IsTooLong(word))
        {
            sink.AddUnknown(word);
            return;
        }
        Span<int> pieces = word.Length <= Few ? stackalloc int[Few] : new int[word.Length];
        int count = 0;
        for (int start = 0; start < word.Length;)
        {
            TokenVocabulary vocabulary = start == 0 ? _starts : _continuations;
            int length = Math.Min(word.Length - start, vocabulary.Longest);
            int id = -1;
            for (; length > 0; length--)
            {
                // A piece never ends between the two halves of a character.
                if (!char.IsHighSurrogate(word[start + length - 1]) && (id = vocabulary.Find(word.Slice(start, length))) >= 0)
                {
                    break;
                }
            }
            if (id < 0)
            {
                sink.AddUnknown(word);
                return;
            }
            pieces[count++] = id;
            start += length;
        }
        foreach (int id in pieces[..count])
        {
            sink.Add(id);
        }
    }

    private bool IsTooLong(ReadOnlySpan<char> word)
    {
        if (word.Length <= _maxCharacters)
        {
            return false;
        }
        int characters = 0;
        foreach (char c in word)
        {
            characters += char.IsLowSurrogate(c) ? 0 : 1;
        }
        return characters > _maxCharacters;
    }
}
