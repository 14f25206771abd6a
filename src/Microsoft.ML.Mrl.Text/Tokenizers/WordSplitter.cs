using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// Splits a text into words by the kind of each character: some are dropped, some are words by themselves, and all others form words with
/// neighbours of the same kind. Several rules hold together, as in a sequence of pre-tokenizers.
/// </summary>
internal sealed class WordSplitter
{
    private const byte Dropped = 255;
    private const byte Alone = 254;

    private readonly Rules _rules;
    private readonly byte[] _ascii = new byte[128];

    public WordSplitter(Rules rules)
    {
        _rules = rules;
        for (int c = 0; c < _ascii.Length; c++)
        {
            _ascii[c] = KindOf(new Rune(c));
        }
    }

    [Flags]
    public enum Rules
    {
        /// <summary>The whole text is one word.</summary>
        None = 0,

        /// <summary>White space separates words and is dropped.</summary>
        DropsWhiteSpace = 1,

        /// <summary>
        /// A punctuation mark is a word by itself; all ASCII characters that are neither letters, digits, spaces nor controls are such
        /// marks, as BERT has it.
        /// </summary>
        PartsPunctuation = 2,

        /// <summary>Letters, digits and underscores make words, and so do all other characters that are not white space.</summary>
        PartsWordsFromSymbols = 4,

        /// <summary>A digit is a word by itself.</summary>
        PartsDigits = 8,

        /// <summary>Digits make words.</summary>
        PartsNumbers = 16,
    }

    /// <summary>Finds the next word.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">The position to start from. It is replaced by the end of the word.</param>
    /// <param name="word">The word.</param>
    /// <returns><see langword="false"/> if there are no more words.</returns>
    public bool Next(ReadOnlySpan<char> text, ref int position, out ReadOnlySpan<char> word)
    {
        int i = position;
        byte kind = Dropped;
        int length = 1;
        while (i < text.Length && (kind = KindAt(text, i, out length)) == Dropped)
        {
            i += length;
        }
        int start = i;
        if (start >= text.Length)
        {
            position = start;
            word = default;
            return false;
        }
        i += length;
        if (kind != Alone)
        {
            while (i < text.Length && KindAt(text, i, out length) == kind)
            {
                i += length;
            }
        }
        position = i;
        word = text[start..i];
        return true;
    }

    /// <summary>Determines whether BERT takes a character for punctuation.</summary>
    public static bool IsPunctuation(Rune c) => c.IsAscii
        ? c.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : UnicodeTables.IsPunctuation(c.Value);

    /// <summary>
    /// Determines whether a character is part of a word in a regular expression: <c>\w</c> of Unicode Technical Standard 18, to which
    /// letters in circles and squares belong.
    /// </summary>
    public static bool IsWordCharacter(Rune c) => c.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
        or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189)
        || Rune.GetUnicodeCategory(c) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    private byte KindAt(ReadOnlySpan<char> text, int position, out int length)
    {
        char c = text[position];
        if (c < 128)
        {
            length = 1;
            return _ascii[c];
        }
        Rune.DecodeFromUtf16(text[position..], out Rune rune, out length);
        return KindOf(rune);
    }

    private byte KindOf(Rune c)
    {
        if (_rules.HasFlag(Rules.DropsWhiteSpace) && Rune.IsWhiteSpace(c))
        {
            return Dropped;
        }
        bool isDigit = Rune.IsNumber(c);
        if ((_rules.HasFlag(Rules.PartsPunctuation) && IsPunctuation(c)) || (_rules.HasFlag(Rules.PartsDigits) && isDigit))
        {
            return Alone;
        }
        int kind = 0;
        if (_rules.HasFlag(Rules.PartsWordsFromSymbols) && !IsWordCharacter(c))
        {
            kind |= 1;
        }
        if (_rules.HasFlag(Rules.PartsNumbers) && isDigit)
        {
            kind |= 2;
        }
        return (byte)kind;
    }
}

/// <summary>Splits a text by the kind of each character.</summary>
internal sealed class CharacterKindPreTokenizer(WordSplitter splitter) : PreTokenizer
{
    public override void Split(ReadOnlySpan<char> text, bool isStart, WordReceiver next)
    {
        int position = 0;
        while (splitter.Next(text, ref position, out ReadOnlySpan<char> word))
        {
            next.Take(word, isStart && position == word.Length);
        }
    }
}
