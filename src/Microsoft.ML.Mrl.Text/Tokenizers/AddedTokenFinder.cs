using System.Buffers;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Finds added tokens in a text: the leftmost first, of several at one place the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly (string Pattern, AddedToken Token)[] _tokens;
    private readonly PieceTrie _trie;
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">The tokens to look for, and what each looks like in the text; may be none.</param>
    public AddedTokenFinder(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        // Of tokens that look alike the one of the lowest id counts: the last that the trie is given.
        _tokens = [.. tokens.Where(t => t.Pattern.Length > 0).OrderByDescending(t => t.Token.Id)];
        _trie = new PieceTrie(_tokens.Select((t, i) => (t.Pattern, i)));
        _firsts = SearchValues.Create([.. _tokens.Select(t => t.Pattern[0]).Distinct()]);
    }

    /// <summary>Finds all added tokens of a text, in order. Places include the white space that a token takes.</summary>
    public List<AddedMatch> Find(ReadOnlySpan<char> text)
    {
        List<AddedMatch> matches = [];
        if (_tokens.Length == 0)
        {
            return matches;
        }
        // Where the token before ends, white space that it takes included.
        int taken = 0;
        for (int at = 0; text[at..].IndexOfAny(_firsts) is >= 0 and var step;)
        {
            at += step;
            if (LongestAt(text, at) is not { } found)
            {
                at++;
                continue;
            }
            int start = at;
            int end = at + found.Pattern.Length;
            at = end;
            // A token that may not be part of a word is given up whole: no shorter one is looked for at its place.
            if (found.Token.IsWholeWord && !IsWhole(text, start, end))
            {
                continue;
            }
            while (found.Token.TakesLeft && start > taken && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }
            while (found.Token.TakesRight && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }
            matches.Add(new AddedMatch(found.Token, start, end));
            taken = end;
        }
        return matches;
    }

    private (string Pattern, AddedToken Token)? LongestAt(ReadOnlySpan<char> text, int at)
    {
        int node = 0, longest = -1;
        for (int i = at; i < text.Length && _trie.Step(ref node, text[i], out int token); i++)
        {
            longest = token >= 0 ? token : longest;
        }
        return longest < 0 ? null : _tokens[longest];
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

/// <summary>Represents an added token in a text.</summary>
/// <param name="Token">The token.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct AddedMatch(AddedToken Token, int Start, int End);
