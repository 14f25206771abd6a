namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Finds the ids of tokens by their characters, without creating strings. This type is immutable.</summary>
internal sealed class TokenVocabulary
{
    /// <summary>No encoder has a vector for a larger id, and tables of vectors are as long as the largest id.</summary>
    public const int MaxId = 1 << 26;

    /// <summary>
    /// No token has more characters: at each place of a text as many are looked at, so that a longer one makes a word's time grow with the
    /// square of its length.
    /// </summary>
    public const int LongestToken = 1_000;

    private readonly string[] _tokens;
    private readonly int[] _ids;

    // Open addressing: a position from 1, or 0 for an empty place.
    private readonly int[] _places;

    /// <param name="tokens">Tokens, no two alike, and their ids.</param>
    public TokenVocabulary(IReadOnlyCollection<KeyValuePair<string, int>> tokens)
    {
        _tokens = [.. tokens.Select(t => t.Key)];
        _ids = [.. tokens.Select(t => t.Value)];
        int size = 16;
        while (size < 2 * (long)_tokens.Length)
        {
            size *= 2;
        }
        _places = new int[size];
        for (int i = 0; i < _tokens.Length; i++)
        {
            Longest = Math.Max(Longest, _tokens[i].Length);
            int place = PlaceOf(_tokens[i]);
            while (_places[place] > 0)
            {
                place = (place + 1) & (size - 1);
            }
            _places[place] = i + 1;
        }
    }

    /// <summary>Refuses a token that is longer than any.</summary>
    /// <param name="token">The token.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidDataException">It is.</exception>
    public static void CheckLength(string token, string path)
    {
        if (token.Length > LongestToken)
        {
            throw new InvalidDataException(
                $"'{path}' has a token of {token.Length} characters, '{token[..40]}…'. None has more than {LongestToken}: the file " +
                "is damaged.");
        }
    }

    /// <summary>Gets the characters of the longest token.</summary>
    public int Longest { get; }

    /// <summary>Returns the id of a token, −1 where there is none.</summary>
    public int Find(ReadOnlySpan<char> token)
    {
        if (token.Length > Longest)
        {
            return -1;
        }
        for (int place = PlaceOf(token); _places[place] > 0; place = (place + 1) & (_places.Length - 1))
        {
            int position = _places[place] - 1;
            if (token.SequenceEqual(_tokens[position]))
            {
                return _ids[position];
            }
        }
        return -1;
    }

    private int PlaceOf(ReadOnlySpan<char> token) => string.GetHashCode(token) & (_places.Length - 1);
}
