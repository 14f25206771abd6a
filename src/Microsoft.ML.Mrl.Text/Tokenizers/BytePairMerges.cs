using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Represents the merges of byte-pair encoding: the neighbouring tokens that become one, and in which order.</summary>
internal sealed class BytePairMerges
{
    private readonly Dictionary<ulong, (int Rank, int Id)> _merges;

    private BytePairMerges(Dictionary<ulong, (int Rank, int Id)> merges) => _merges = merges;

    /// <summary>Makes a table of pairs; the first has the lowest rank, and is merged first.</summary>
    /// <param name="pairs">The pairs of tokens. If a pair occurs twice, the later one is used.</param>
    /// <param name="vocabulary">The ids.</param>
    /// <param name="prefix">What a token that continues a word begins with, left out of the second half of a merge.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <exception cref="InvalidDataException">A half of a pair, or the merged text, is not in the vocabulary.</exception>
    public static BytePairMerges From(
        IEnumerable<(string Left, string Right)> pairs, TokenVocabulary vocabulary, string prefix, string source)
    {
        var merges = new Dictionary<ulong, (int, int)>();
        int rank = 0;
        foreach ((string left, string right) in pairs)
        {
            if (!right.StartsWith(prefix, StringComparison.Ordinal))
            {
                throw new InvalidDataException(
                    $"'{source}': merge {rank} is '{left} {right}', but a token that continues a word begins with '{prefix}'.");
            }
            string merged = left + right[prefix.Length..];
            merges[Key(Id(left), Id(right))] = (rank, Id(merged));
            rank++;

            int Id(string token) => vocabulary.Find(token) is >= 0 and var id
                ? id
                : throw new InvalidDataException(
                    $"'{source}': merge {rank} is '{left} {right}', but the vocabulary has no token '{token}'. Do both belong to the " +
                    $"same model?");
        }
        return new BytePairMerges(merges);
    }

    /// <summary>Returns the pairs of a <c>merges.txt</c>: two tokens a line, after a line that names the version.</summary>
    /// <exception cref="InvalidDataException">A line is no pair.</exception>
    public static IEnumerable<(string Left, string Right)> ReadLines(byte[] bytes, string source)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        for (int line = 1; reader.ReadLine() is { } text; line++)
        {
            // The only tokens with a blank are comments; some files end with an empty line.
            if (!text.StartsWith("#version", StringComparison.Ordinal) && text.Length > 0)
            {
                yield return Pair(text) ?? throw new InvalidDataException(
                    $"'{source}', line {line}: expected two tokens and a space between them, found " +
                    $"'{(text.Length > 60 ? text[..60] + "…" : text)}'.");
            }
        }
    }

    /// <summary>Splits two tokens with a space between them, or returns <see langword="null"/> for anything else.</summary>
    public static (string Left, string Right)? Pair(string text) =>
        text.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : null;

    /// <summary>Finds the token that two neighbours are merged to.</summary>
    public bool TryFind(int left, int right, out int rank, out int id)
    {
        bool found = _merges.TryGetValue(Key(left, right), out (int Rank, int Id) merge);
        (rank, id) = merge;
        return found;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}
