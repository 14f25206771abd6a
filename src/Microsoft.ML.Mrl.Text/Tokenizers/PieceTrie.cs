namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Finds all pieces that a text begins with in one pass. This type is immutable.</summary>
/// <remarks>The edges are in a hash table with open addressing, since a pass looks one up for each character.</remarks>
internal sealed class PieceTrie
{
    private const long None = -1;

    private readonly List<int> _pieces = [-1];
    private long[] _keys = Filled(16);
    private int[] _next = new int[16];

    /// <param name="pieces">Pieces, none empty, and their numbers from 0; of equal pieces the later counts.</param>
    public PieceTrie(IEnumerable<(string Piece, int Number)> pieces)
    {
        foreach ((string piece, int number) in pieces)
        {
            int node = 0;
            foreach (char c in piece)
            {
                long key = Key(node, c);
                int place = PlaceOf(key);
                if (_keys[place] == None)
                {
                    _keys[place] = key;
                    _next[place] = _pieces.Count;
                    _pieces.Add(-1);
                    node = _pieces.Count - 1;
                    GrowWhereFull();
                }
                else
                {
                    node = _next[place];
                }
            }
            _pieces[node] = number;
        }
    }

    /// <summary>Gets a value indicating whether there are no pieces.</summary>
    public bool IsEmpty => _pieces.Count == 1;

    /// <summary>Moves forward by one character.</summary>
    /// <param name="node">The current node, which is 0 at the start. It is replaced by the next node.</param>
    /// <param name="c">The character.</param>
    /// <param name="piece">The piece that ends here, −1 for none.</param>
    /// <returns><see langword="false"/> if no piece continues with this character.</returns>
    public bool Step(ref int node, char c, out int piece)
    {
        int place = PlaceOf(Key(node, c));
        if (_keys[place] == None)
        {
            piece = -1;
            return false;
        }
        node = _next[place];
        piece = _pieces[node];
        return true;
    }

    /// <summary>Returns the length of the longest piece that a text begins with, 0 for none.</summary>
    public int Longest(ReadOnlySpan<char> text)
    {
        int longest = 0;
        int node = 0;
        for (int i = 0; i < text.Length && Step(ref node, text[i], out int piece); i++)
        {
            longest = piece >= 0 ? i + 1 : longest;
        }
        return longest;
    }

    private static long Key(int node, char c) => ((long)node << 16) | c;

    private static long[] Filled(int places)
    {
        var keys = new long[places];
        Array.Fill(keys, None);
        return keys;
    }

    /// <summary>Returns the place of an edge, or the free place for it. The number of places is a power of two.</summary>
    private int PlaceOf(long key)
    {
        const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;
        int last = _keys.Length - 1;
        int place = (int)(((ulong)key * GoldenRatio) >> 32) & last;
        while (_keys[place] != key && _keys[place] != None)
        {
            place = (place + 1) & last;
        }
        return place;
    }

    private void GrowWhereFull()
    {
        if (_pieces.Count * 2 <= _keys.Length)
        {
            return;
        }
        (long[] keys, int[] next) = (_keys, _next);
        _keys = Filled(2 * keys.Length);
        _next = new int[_keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] != None)
            {
                int place = PlaceOf(keys[i]);
                (_keys[place], _next[place]) = (keys[i], next[i]);
            }
        }
    }
}
