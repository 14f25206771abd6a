using System.Buffers;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Finds added tokens in a text: the leftmost first, of several at one place the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly AddedToken[] _tokens;
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">The tokens to look for; may be none.</param>
    public AddedTokenFinder(IEnumerable<AddedToken> tokens)
    {
        _tokens = [.. tokens.Where(t => t.Content.Length > 0).OrderByDescending(t => t.Content.Length)];
        _firsts = SearchValues.Create([.. _tokens.Select(t => t.Content[0]).Distinct()]);
    }

    /// <summary>Finds the first added token.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="start">Where it starts, white space that it takes included.</param>
    /// <param name="end">Where it ends.</param>
    public AddedToken? Next(ReadOnlySpan<char> text, out int start, out int end)
    {
        (start, end) = (text.Length, text.Length);
        if (_tokens.Length == 0)
        {
            return null;
        }
        for (int at = 0; text[at..].IndexOfAny(_firsts) is >= 0 and var step; at++)
        {
            at += step;
            foreach (AddedToken token in _tokens)
            {
                if (text[at..].StartsWith(token.Content) && (!token.IsWholeWord || IsWhole(text, at, at + token.Content.Length)))
                {
                    (start, end) = (at, at + token.Content.Length);
                    while (token.TakesLeft && start > 0 && char.IsWhiteSpace(text[start - 1]))
                    {
                        start--;
                    }
                    while (token.TakesRight && end < text.Length && char.IsWhiteSpace(text[end]))
                    {
                        end++;
                    }
                    return token;
                }
            }
        }
        return null;
    }

    private static bool IsWhole(ReadOnlySpan<char> text, int start, int end)
    {
        bool before = start > 0 && Rune.DecodeLastFromUtf16(text[..start], out Rune left, out _) == OperationStatus.Done
            && WordSplitter.IsWordCharacter(left);
        bool after = end < text.Length && Rune.DecodeFromUtf16(text[end..], out Rune right, out _) == OperationStatus.Done
            && WordSplitter.IsWordCharacter(right);
        return !before && !after;
    }
}

/// <summary>A token that is found in the text itself, whatever it consists of: <c>[MASK]</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its characters.</param>
/// <param name="IsNormalized">Whether it is looked for after the text was rewritten, not before.</param>
/// <param name="IsWholeWord">Whether letters and digits beside it forbid it.</param>
/// <param name="TakesLeft">Whether white space before it belongs to it.</param>
/// <param name="TakesRight">Whether white space after it belongs to it.</param>
internal sealed record AddedToken(int Id, string Content, bool IsNormalized, bool IsWholeWord, bool TakesLeft, bool TakesRight);
