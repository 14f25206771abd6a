using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// GPT-2's words (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"), and then a character for each of their UTF-8
/// bytes.
/// </summary>
/// <remarks>
/// The words are those of the expression <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, found without
/// it: .NET's expressions see the halves of surrogate pairs, and would take letters beyond the Basic Multilingual Plane for symbols. What
/// is a letter or a number follows the Unicode version of .NET.
/// </remarks>
/// <param name="addsPrefixSpace">Whether a text that does not begin with a space gets one.</param>
/// <param name="cutsWords">Whether the text is cut, or stays one word.</param>
internal sealed class ByteLevelPreTokenizer(bool addsPrefixSpace, bool cutsWords) : PreTokenizer
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    public override void Split(ReadOnlySpan<char> text, bool isStart, WordReceiver next)
    {
        var spaced = new CharBuffer();
        if (addsPrefixSpace && text[0] != ' ')
        {
            spaced.Add(' ');
            spaced.Add(text);
            text = spaced.Written;
        }
        var bytes = new CharBuffer();
        for (int start = 0; start < text.Length;)
        {
            int end = cutsWords ? End(text, start) : text.Length;
            bytes.Clear();
            ByteAlphabet.Write(text[start..end], bytes);
            next.Take(bytes.Written, isStart && start == 0);
            start = end;
        }
    }

    /// <summary>Returns the end of the word that starts at a position.</summary>
    private static int End(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'')
        {
            foreach (string contraction in Contractions)
            {
                if (text[start..].StartsWith(contraction))
                {
                    return start + contraction.Length;
                }
            }
        }
        int at = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        Kind kind = KindAt(text, at, out int length);
        if (kind == Kind.Space)
        {
            return EndOfSpaces(text, start);
        }
        int end = at + length;
        while (end < text.Length && KindAt(text, end, out length) == kind)
        {
            end += length;
        }
        return end;
    }

    /// <summary>
    /// Returns the end of a run of white space. If text follows, its last character is left for the next word, unless it is the only one.
    /// </summary>
    private static int EndOfSpaces(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && char.IsWhiteSpace(text[end]))
        {
            end++;
        }
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int position, out int length)
    {
        if (Rune.DecodeFromUtf16(text[position..], out Rune c, out length) != OperationStatus.Done)
        {
            return Kind.Other;
        }
        return Rune.IsWhiteSpace(c) ? Kind.Space : Rune.GetUnicodeCategory(c) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
