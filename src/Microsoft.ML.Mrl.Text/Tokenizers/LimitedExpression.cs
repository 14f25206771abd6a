using System.Text.RegularExpressions;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Represents a regular expression of a tokenizer file. Since it may never finish, the time for each text is limited.</summary>
/// <param name="pattern">The expression.</param>
/// <param name="path">The file, for messages.</param>
/// <param name="ofOneMatch">How long the search for a single match may take, or <see langword="null"/> for 10 seconds.</param>
internal sealed class LimitedExpression(string pattern, string path, TimeSpan? ofOneMatch = null)
{
    private readonly Regex _regex = new(pattern, RegexOptions.CultureInvariant, ofOneMatch ?? MatchTime.OfOneMatch);

    /// <summary>Finds the matches in a text, in order.</summary>
    /// <param name="text">The text, or a part of it.</param>
    /// <param name="time">The time that is left for the whole text.</param>
    /// <exception cref="TimeoutException">The time limit was reached.</exception>
    public List<(int Start, int End)> Matches(ReadOnlySpan<char> text, MatchTime time)
    {
        var matches = new List<(int, int)>();
        time.Start();
        try
        {
            foreach (ValueMatch match in _regex.EnumerateMatches(text))
            {
                matches.Add((match.Index, match.Index + match.Length));
                if (time.IsUp)
                {
                    throw TooSlow(text, time, null);
                }
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TooSlow(text, time, e);
        }
        finally
        {
            time.Stop();
        }
        return matches;
    }

    private TimeoutException TooSlow(ReadOnlySpan<char> text, MatchTime time, Exception? inner)
    {
        string shown = pattern.Length <= 100 ? pattern : pattern[..100] + "…";
        string start = text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
        return new TimeoutException(
            $"'{path}': the expression {shown} took {time.Elapsed.TotalSeconds:0.0} s on a text of {time.Characters} characters, at " +
                $"'{start}', " +
            "and had not come to an end. Leave the text out or shorten it, or use a tokenizer file with a simpler expression.", inner);
    }
}
