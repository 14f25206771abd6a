using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Represents a token that is found in the text itself, whatever its characters are: <c>[MASK]</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its characters.</param>
/// <param name="IsNormalized">Whether it is looked for after the text was rewritten, and is rewritten itself.</param>
/// <param name="IsWholeWord">Whether letters and digits beside it forbid it.</param>
/// <param name="TakesLeft">Whether white space before it belongs to it.</param>
/// <param name="TakesRight">Whether white space after it belongs to it.</param>
internal sealed record AddedToken(int Id, string Content, bool IsNormalized, bool IsWholeWord, bool TakesLeft, bool TakesRight)
{
    /// <summary>Creates a token that is found as it is.</summary>
    /// <param name="content">Its characters.</param>
    /// <returns>The token, without an id.</returns>
    public static AddedToken Special(string content) =>
        new(-1, content, IsNormalized: false, IsWholeWord: false, TakesLeft: false, TakesRight: false);

    /// <summary>Reads a token's description, as a <c>tokenizer.json</c> and a <c>tokenizer_config.json</c> have it.</summary>
    /// <param name="token">The JSON object.</param>
    /// <param name="id">Its id.</param>
    /// <exception cref="FormatException">The token has no content.</exception>
    public static AddedToken Read(JsonElement token, int id) => new(
        id,
        JsonParts.Text(token, "content") ?? throw new FormatException("An added token has no content."),
        JsonParts.Flag(token, "normalized", otherwise: !JsonParts.Flag(token, "special")),
        JsonParts.Flag(token, "single_word"),
        JsonParts.Flag(token, "lstrip"),
        JsonParts.Flag(token, "rstrip"));

    /// <summary>
    /// Assigns the same ids as the tokenizers library: the id in the vocabulary, or else the next free one after it. Like that library, it
    /// ignores the id that a file states for an added token.
    /// </summary>
    /// <param name="tokens">The tokens; of several of the same characters the last one counts.</param>
    /// <param name="vocabulary">The model's own tokens.</param>
    public static List<AddedToken> WithIds(IEnumerable<AddedToken> tokens, IReadOnlyDictionary<string, int> vocabulary)
    {
        var numbered = new List<AddedToken>();
        // Of hundreds of thousands of tokens, none is looked for among all others.
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        int last = -1;
        foreach (AddedToken token in tokens)
        {
            if (token.Content.Length == 0)
            {
                continue;
            }
            int known = places.GetValueOrDefault(token.Content, -1);
            if (known < 0 && token.Id < 0 && !vocabulary.ContainsKey(token.Content))
            {
                // Named by settings only, and in no vocabulary: no encoder has a vector for it.
                continue;
            }
            int id = known >= 0 ? numbered[known].Id
                : vocabulary.TryGetValue(token.Content, out int own) ? own
                : Math.Max(last + 1, vocabulary.Count);
            last = Math.Max(last, id);
            AddedToken whole = token with { Id = id };
            if (known >= 0)
            {
                numbered[known] = whole;
            }
            else
            {
                places.Add(whole.Content, numbered.Count);
                numbered.Add(whole);
            }
        }
        return numbered;
    }
}
