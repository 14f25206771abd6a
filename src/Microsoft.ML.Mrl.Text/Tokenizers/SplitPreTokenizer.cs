namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Splits a text where an expression matches.</summary>
/// <remarks>
/// Expressions are .NET's, which see UTF-16: a class such as <c>\p{L}</c> does not match letters beyond the Basic Multilingual Plane, where
/// the tokenizers library's does. Such a character is never cut in two.
/// </remarks>
/// <param name="pattern">The expression.</param>
/// <param name="behavior">What becomes of the matches.</param>
/// <param name="inverted">Whether the matches are words and what lies between them parts them.</param>
internal sealed class SplitPreTokenizer(LimitedExpression pattern, SplitPreTokenizer.Behavior behavior, bool inverted) : PreTokenizer
{
    public enum Behavior
    {
        Removed,
        Isolated,
        MergedWithPrevious,
        MergedWithNext,
        Contiguous,
    }

    public override void Split(ReadOnlySpan<char> text, bool isStart, WordReceiver next)
    {
        List<(int Start, int End, bool IsMatch)> parts = Parts(text, next.Time);
        for (int i = 0; i < parts.Count; i++)
        {
            (int start, int end, bool isMatch) = parts[i];
            switch (behavior)
            {
                case Behavior.Removed when isMatch:
                    continue;
                case Behavior.MergedWithPrevious when !isMatch && i + 1 < parts.Count && parts[i + 1].IsMatch:
                    end = parts[++i].End;
                    break;
                case Behavior.MergedWithNext when isMatch && i + 1 < parts.Count && !parts[i + 1].IsMatch:
                    end = parts[++i].End;
                    break;
                case Behavior.Contiguous:
                    while (i + 1 < parts.Count && parts[i + 1].IsMatch == isMatch)
                    {
                        end = parts[++i].End;
                    }
                    break;
            }
            next.Take(text[start..end], isStart && start == 0);
        }
    }

    /// <summary>Returns the matches and what lies between them, in order.</summary>
    private List<(int Start, int End, bool IsMatch)> Parts(ReadOnlySpan<char> text, MatchTime time)
    {
        var parts = new List<(int, int, bool)>();
        int done = 0;
        foreach ((int first, int last) in pattern.Matches(text, time))
        {
            int start = Whole(text, first);
            int end = Whole(text, last);
            Add(done, start, isMatch: false);
            Add(Math.Max(start, done), end, isMatch: true);
            done = Math.Max(done, end);
        }
        Add(done, text.Length, isMatch: false);
        return parts;

        void Add(int start, int end, bool isMatch)
        {
            if (end > start)
            {
                parts.Add((start, end, isMatch != inverted));
            }
        }
    }

    /// <summary>Returns the same position, or the next one if it is inside a surrogate pair.</summary>
    private static int Whole(ReadOnlySpan<char> text, int at) =>
        at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]) ? at + 1 : at;
}
