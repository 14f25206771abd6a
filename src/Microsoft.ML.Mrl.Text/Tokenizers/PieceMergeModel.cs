namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// Represents byte-pair encoding as in sentencepiece. A word starts as its characters. Of all neighbours that together are a piece, those
/// of the highest score are merged, the leftmost first, until none are left. Unlike merges of ranks, any two neighbours may make a piece. A
/// text is one word, spaces and all.
/// </summary>
/// <remarks>
/// The pairs of a word of n characters wait in a heap: O(n · L · log n) for pieces of up to L characters.
/// </remarks>
internal sealed class PieceMergeModel : TokenizerModel
{
    private static readonly Comparer<(float Score, int Left)> Order = Comparer<(float Score, int Left)>.Create((a, b) => a.Score != b.Score
        ? b.Score.CompareTo(a.Score)
        : a.Left.CompareTo(b.Left));

    private readonly UnigramPiece[] _pieces;
    private readonly TokenVocabulary _numbers;
    private readonly TokenVocabulary _ids;
    private readonly PieceTrie _symbols;
    private readonly bool _fallsBackToBytes;
    private readonly bool _hasUnused;

    /// <param name="pieces">The pieces, whatever their kind.</param>
    /// <param name="unknown">Which of them stands for unknown characters.</param>
    /// <param name="symbols">User-defined pieces: they are found first, the longest at each place, and take no part in merges.</param>
    /// <param name="unused">Pieces that are merged on the way to others, and parted again where they are left.</param>
    /// <param name="fallsBackToBytes">Whether the bytes of unknown characters take tokens such as &lt;0x0A&gt;.</param>
    public PieceMergeModel(IReadOnlyList<UnigramPiece> pieces, int unknown, IReadOnlyCollection<string> symbols,
        IReadOnlyCollection<string> unused, bool fallsBackToBytes)
    {
        _pieces = [.. pieces];
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var parted = new HashSet<string>(unused, StringComparer.Ordinal);
        for (int i = 0; i < _pieces.Length; i++)
        {
            ids[_pieces[i].Text] = _pieces[i].Id;
            if (_pieces[i].IsFound || parted.Contains(_pieces[i].Text))
            {
                numbers[_pieces[i].Text] = i;
            }
        }
        _numbers = new TokenVocabulary(numbers);
        _ids = new TokenVocabulary(ids);
        _symbols = new PieceTrie(symbols.Select((symbol, i) => (symbol, i)));
        _hasUnused = parted.Count > 0;
        _fallsBackToBytes = fallsBackToBytes;
        UnknownToken = _pieces[unknown].Text;
    }

    public override string UnknownToken { get; }

    public override void Encode(ReadOnlySpan<char> word, ITokenSink sink)
    {
        Symbol[] symbols = Symbols(word);
        Dictionary<string, int>? leftLengths = _hasUnused ? new(StringComparer.Ordinal) : null;
        Merge(word, symbols, leftLengths);
        (int Start, int End) unknown = default;
        var parts = new Stack<(int Start, int Length)>();
        for (int at = symbols.Length > 0 ? 0 : -1; at >= 0; at = symbols[at].Next)
        {
            parts.Push((symbols[at].Start, symbols[at].Length));
            while (parts.TryPop(out (int Start, int Length) part))
            {
                ReadOnlySpan<char> text = word.Slice(part.Start, part.Length);
                int number = _numbers.Find(text);
                if (number >= 0 && !_pieces[number].IsFound && leftLengths!.TryGetValue(text.ToString(), out int left))
                {
                    parts.Push((part.Start + left, part.Length - left));
                    parts.Push((part.Start, left));
                }
                else if (number >= 0)
                {
                    Flush(word, ref unknown, sink);
                    sink.Add(_pieces[number].Id);
                }
                else if (_fallsBackToBytes && ByteTokens.TryFind(_ids, text) is { } bytes)
                {
                    Flush(word, ref unknown, sink);
                    foreach (int id in bytes)
                    {
                        sink.Add(id);
                    }
                }
                else
                {
                    // Neighbouring unknown characters are one unknown token.
                    unknown = (unknown.End > unknown.Start ? unknown.Start : part.Start, part.Start + part.Length);
                }
            }
        }
        Flush(word, ref unknown, sink);
    }

    private static void Flush(ReadOnlySpan<char> word, ref (int Start, int End) unknown, ITokenSink sink)
    {
        if (unknown.End > unknown.Start)
        {
            sink.AddUnknown(word[unknown.Start..unknown.End]);
        }
        unknown = default;
    }

    /// <summary>Returns the characters and user-defined pieces, each joined to the next.</summary>
    private Symbol[] Symbols(ReadOnlySpan<char> word)
    {
        var symbols = new List<Symbol>(word.Length);
        for (int start = 0; start < word.Length;)
        {
            int length = _symbols.Longest(word[start..]);
            bool isFixed = length > 0;
            if (!isFixed)
            {
                length = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            }
            symbols.Add(
                new Symbol(start, length, isFixed) { Previous = symbols.Count - 1, Next = start + length < word.Length
                ? symbols.Count + 1
                : -1 });
            start += length;
        }
        return [.. symbols];
    }

    private void Merge(ReadOnlySpan<char> word, Symbol[] symbols, Dictionary<string, int>? leftLengths)
    {
        var waiting = new PriorityQueue<Pair, (float Score, int Left)>(symbols.Length, Order);
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            Await(word, symbols, i, i + 1, waiting, leftLengths);
        }
        while (waiting.TryDequeue(out Pair pair, out _))
        {
            ref Symbol left = ref symbols[pair.Left];
            ref Symbol right = ref symbols[pair.Right];
            // Either may have been merged since, and has grown then, or is no more.
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != pair.Length)
            {
                continue;
            }
            left.Length = pair.Length;
            left.Next = right.Next;
            right.Length = 0;
            if (left.Previous >= 0)
            {
                Await(word, symbols, left.Previous, pair.Left, waiting, leftLengths);
            }
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = pair.Left;
                Await(word, symbols, pair.Left, left.Next, waiting, leftLengths);
            }
        }
    }

    private void Await(ReadOnlySpan<char> word, Symbol[] symbols, int left, int right, PriorityQueue<Pair, (float Score, int Left)> waiting,
        Dictionary<string, int>? leftLengths)
    {
        if (symbols[left].IsFixed || symbols[right].IsFixed)
        {
            return;
        }
        int length = symbols[left].Length + symbols[right].Length;
        ReadOnlySpan<char> piece = word.Slice(symbols[left].Start, length);
        int number = _numbers.Find(piece);
        if (number < 0)
        {
            return;
        }
        waiting.Enqueue(new Pair(left, right, length), ((float)_pieces[number].Score, left));
        if (!_pieces[number].IsFound)
        {
            leftLengths![piece.ToString()] = symbols[left].Length;
        }
    }

    private readonly record struct Pair(int Left, int Right, int Length);

    private record struct Symbol(int Start, int Length, bool IsFixed)
    {
        public int Previous { get; set; }

        public int Next { get; set; }
    }
}
