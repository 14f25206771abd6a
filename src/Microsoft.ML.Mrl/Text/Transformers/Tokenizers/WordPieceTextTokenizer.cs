using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl;

/// <summary>BERT's tokenizer: cleans text, splits it into words at blanks, punctuation and Chinese characters, and words into the longest pieces that the vocabulary has.</summary>
/// <remarks>
/// Gives the ids of Hugging Face's fast BERT tokenizer. Microsoft.ML.Tokenizers' BertTokenizer does not: it drops tabs and line ends, so that the words around them become one,
/// keeps soft hyphens and other format characters, composes what it took apart, so that Korean syllables are not the jamo of the vocabulary, leaves İ upper case, refuses a vocabulary with a line twice,
/// and measures the longest word in UTF-16 units. Text is read once and only as far as there is room for its tokens.
/// A lone surrogate counts as U+FFFD, which cleaning removes.
/// </remarks>
internal sealed class WordPieceTextTokenizer : TransformerTokenizer
{
    private readonly PieceTable _beginnings;
    private readonly PieceTable _continuations;
    private readonly (string Text, int Id)[] _special;
    private readonly SearchValues<char> _specialStarts;
    private readonly WordPieceTokenizerOptions _options;
    private readonly int _unknown;

    /// <param name="source">The vocabulary's name, for messages.</param>
    /// <param name="vocabulary">The tokens, each with its id.</param>
    /// <param name="options">How to treat text.</param>
    /// <exception cref="InvalidDataException">The vocabulary lacks a special token that is needed.</exception>
    public WordPieceTextTokenizer(string source, IReadOnlyList<(string Token, int Id)> vocabulary, WordPieceTokenizerOptions options)
    {
        _options = options;
        var whole = new PieceTable(vocabulary);
        string prefix = options.ContinuationPrefix;
        _beginnings = whole;
        _continuations = new PieceTable([.. vocabulary.Where(v => v.Token.StartsWith(prefix, StringComparison.Ordinal)).Select(v => (v.Token[prefix.Length..], v.Id))]);
        FirstId = Require(options.FirstToken);
        LastId = Require(options.LastToken);
        _unknown = Require(options.UnknownToken);
        _special = [.. options.SpecialTokens.Where(t => t.Length > 0).Select(t => (t, whole.Find(t))).Where(t => t.Item2 >= 0).OrderByDescending(t => t.t.Length)];
        _specialStarts = SearchValues.Create([.. _special.Select(t => t.Text[0]).Distinct()]);
        Count = vocabulary.Count == 0 ? 0 : vocabulary.Max(v => v.Id) + 1;

        int Require(string token) => whole.Find(token) is >= 0 and var id ? id
            : throw new InvalidDataException($"'{source}' has no token '{token}', which the tokenizer needs. Is it the vocabulary of another model?");
    }

    public override int Count { get; }

    private protected override int FirstId { get; }

    private protected override int LastId { get; }

    private protected override void Append(ReadOnlySpan<char> text, int enough, List<int> ids)
    {
        var word = new Word();
        Span<int> bases = stackalloc int[4];
        for (int i = 0; i < text.Length && ids.Count < enough;)
        {
            if (_specialStarts.Contains(text[i]) && SpecialAt(text[i..]) is { Text: not null } special)
            {
                Flush(ref word, ids);
                ids.Add(special.Id);
                i += special.Text.Length;
                continue;
            }
            OperationStatus status = Rune.DecodeFromUtf16(text[i..], out Rune rune, out int length);
            i += length;
            if (status != OperationStatus.Done || rune.Value is 0 or 0xFFFD)
            {
                continue;
            }
            if (IsBlank(rune))
            {
                Flush(ref word, ids);
                continue;
            }
            if (rune.Value >= 0x7F ? Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned : rune.Value < ' ')
            {
                continue;
            }
            bool alone = _options.SplitChinese && IsChinese(rune.Value);
            if (alone)
            {
                Flush(ref word, ids);
            }
            if (_options.StripAccents)
            {
                int count = CanonicalBases.Write(rune.Value, bases);
                for (int b = 0; b < count; b++)
                {
                    Add(ref word, new Rune(bases[b]), ids);
                }
            }
            else
            {
                Add(ref word, rune, ids);
            }
            if (alone)
            {
                Flush(ref word, ids);
            }
        }
        if (ids.Count < enough)
        {
            Flush(ref word, ids);
        }
    }

    private void Add(ref Word word, Rune rune, List<int> ids)
    {
        if (IsPunctuation(rune))
        {
            Flush(ref word, ids);
            word.Add(rune, _options.LongestWord);
            Flush(ref word, ids);
            return;
        }
        if (_options.LowerCase)
        {
            // The one letter whose lower case is two characters.
            if (rune.Value == 'İ')
            {
                word.Add(new Rune('i'), _options.LongestWord);
                word.Add(new Rune('\u0307'), _options.LongestWord);
                return;
            }
            rune = Rune.ToLowerInvariant(rune);
        }
        word.Add(rune, _options.LongestWord);
    }

    private void Flush(ref Word word, List<int> ids)
    {
        if (word.Characters > 0)
        {
            if (word.Characters > _options.LongestWord)
            {
                ids.Add(_unknown);
            }
            else
            {
                Split(word.Text, ids);
            }
            word.Clear();
        }
    }

    private void Split(ReadOnlySpan<char> word, List<int> ids)
    {
        int start = ids.Count;
        for (int at = 0; at < word.Length;)
        {
            PieceTable table = at == 0 ? _beginnings : _continuations;
            int length = Math.Min(word.Length - at, table.Longest);
            int id = -1;
            while (length > 0 && (id = table.Find(word.Slice(at, length))) < 0)
            {
                length--;
            }
            if (length == 0)
            {
                ids.RemoveRange(start, ids.Count - start);
                ids.Add(_unknown);
                return;
            }
            ids.Add(id);
            at += length;
        }
    }

    private (string? Text, int Id) SpecialAt(ReadOnlySpan<char> text)
    {
        foreach ((string special, int id) in _special)
        {
            if (text.StartsWith(special))
            {
                return (special, id);
            }
        }
        return default;
    }

    private static bool IsBlank(Rune rune) =>
        rune.Value is ' ' or '\t' or '\n' or '\r' || rune.Value > 0x7F && Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is >= 33 and <= 47 or >= 58 and <= 64 or >= 91 and <= 96 or >= 123 and <= 126
        : Rune.IsPunctuation(rune);

    private static bool IsChinese(int code) =>
        code is >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF
            or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2CEAF or >= 0x2F800 and <= 0x2FA1F;

    /// <summary>The word that is being read, as far as it can still be known.</summary>
    private struct Word
    {
        private char[]? _text;
        private int _length;

        public int Characters { get; private set; }

        public readonly ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

        public void Add(Rune rune, int longest)
        {
            if (++Characters <= longest)
            {
                _text ??= new char[2 * longest];
                _length += rune.EncodeToUtf16(_text.AsSpan(_length));
            }
        }

        public void Clear() => (_length, Characters) = (0, 0);
    }
}
