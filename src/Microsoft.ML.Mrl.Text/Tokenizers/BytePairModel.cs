using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// Represents byte-pair encoding. A word starts as its characters, and the neighbours with the merge of the lowest rank become one token,
/// the leftmost first, until no merge applies (Sennrich et al. 2016, arXiv:1508.07909).
/// </summary>
/// <remarks>
/// The merges of a word of n characters wait in a heap, so that it takes O(n log n), as in the tokenizers library.
/// </remarks>
internal sealed class BytePairModel(TokenVocabulary vocabulary, BytePairMerges merges, BytePairOptions options) : TokenizerModel
{
    private readonly int _unknown = options.UnknownToken is { } unknown ? vocabulary.Find(unknown) : -1;

    public override string? UnknownToken => options.UnknownToken;

    public override void Encode(ReadOnlySpan<char> word, ITokenSink sink)
    {
        if (options.PrefersWholeWords && vocabulary.Find(word) is >= 0 and var whole)
        {
            sink.Add(whole);
            return;
        }
        List<Symbol> symbols = Characters(word);
        if (symbols.Count == 0)
        {
            // Without a token for it, it is left out; the sink may count it otherwise.
            sink.AddUnknown(word);
            return;
        }
        Span<Symbol> all = CollectionsMarshal.AsSpan(symbols);
        Merge(all);
        foreach (ref readonly Symbol symbol in all)
        {
            if (symbol.IsUnknown && symbol.Id == _unknown)
            {
                sink.AddUnknown(word.Slice(symbol.Start, symbol.Length));
            }
            else if (symbol.Id >= 0)
            {
                sink.Add(symbol.Id);
            }
        }
    }

    private List<Symbol> Characters(ReadOnlySpan<char> word)
    {
        var symbols = new List<Symbol>(word.Length);
        Symbol? unknown = null;
        for (int start = 0, length; start < word.Length; start += length)
        {
            length = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            int id = Find(word.Slice(start, length), start == 0, start + length == word.Length, out string? written);
            if (id >= 0)
            {
                Flush();
                symbols.Add(new Symbol(id, start, length, IsUnknown: false));
            }
            else if (options.FallsBackToBytes && ByteTokens.TryFind(vocabulary, written ?? word.Slice(start, length)) is { } bytes)
            {
                symbols.AddRange(bytes.Select(b => new Symbol(b, start, length, IsUnknown: false)));
            }
            else if (_unknown >= 0)
            {
                if (unknown is { } before && options.FusesUnknown)
                {
                    unknown = before with { Length = start + length - before.Start };
                }
                else
                {
                    Flush();
                    unknown = new Symbol(_unknown, start, length, IsUnknown: true);
                }
            }
        }
        Flush();
        return symbols;

        void Flush()
        {
            if (unknown is { } waiting)
            {
                symbols.Add(waiting);
                unknown = null;
            }
        }
    }

    private int Find(ReadOnlySpan<char> character, bool isFirst, bool isLast, out string? written)
    {
        written = null;
        string prefix = isFirst ? "" : options.ContinuationPrefix;
        string suffix = isLast ? options.EndSuffix : "";
        if (prefix.Length + suffix.Length == 0)
        {
            return vocabulary.Find(character);
        }
        written = string.Concat(prefix, character, suffix);
        return vocabulary.Find(written);
    }

    private void Merge(Span<Symbol> symbols)
    {
        if (symbols.Length < 2)
        {
            return;
        }
        var waiting = new PriorityQueue<(int At, int Id), long>(symbols.Length);
        for (int i = 0; i < symbols.Length; i++)
        {
            symbols[i].Previous = i - 1;
            symbols[i].Next = i + 1 < symbols.Length ? i + 1 : -1;
        }
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            Await(symbols, i, waiting);
        }
        while (waiting.TryDequeue(out (int At, int Id) merge, out _))
        {
            ref Symbol left = ref symbols[merge.At];
            // A neighbour may have been merged since.
            if (left.Id < 0 || left.Next < 0 || !merges.TryFind(left.Id, symbols[left.Next].Id, out _, out int id) || id != merge.Id)
            {
                continue;
            }
            ref Symbol right = ref symbols[left.Next];
            left.Id = id;
            left.IsUnknown = false;
            left.Length = right.Start + right.Length - left.Start;
            left.Next = right.Next;
            right.Id = -1;
            right.IsUnknown = false;
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = merge.At;
                Await(symbols, merge.At, waiting);
            }
            if (left.Previous >= 0)
            {
                Await(symbols, left.Previous, waiting);
            }
        }
    }

    private void Await(Span<Symbol> symbols, int at, PriorityQueue<(int At, int Id), long> waiting)
    {
        if (merges.TryFind(symbols[at].Id, symbols[symbols[at].Next].Id, out int rank, out int id))
        {
            waiting.Enqueue((at, id), ((long)rank << 32) | (uint)at);
        }
    }

    private record struct Symbol(int Id, int Start, int Length, bool IsUnknown)
    {
        public int Previous { get; set; }

        public int Next { get; set; }
    }
}

/// <summary>Represents the settings of a byte-pair model, by their names in its <c>tokenizer.json</c>.</summary>
internal sealed record BytePairOptions
{
    /// <summary>Gets the token for characters that are in no token, or <see langword="null"/> to leave them out.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Gets the prefix of tokens that do not begin a word.</summary>
    public string ContinuationPrefix { get; init; } = "";

    /// <summary>Gets the suffix of tokens that end a word.</summary>
    public string EndSuffix { get; init; } = "";

    /// <summary>Gets a value indicating whether neighbouring unknown characters are one unknown token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Gets a value indicating whether an unknown character is encoded as bytes, with tokens such as &lt;0x0A&gt;.</summary>
    public bool FallsBackToBytes { get; init; }

    /// <summary>Gets a value indicating whether a word that is a token is not split, whatever its merges are.</summary>
    public bool PrefersWholeWords { get; init; }
}
