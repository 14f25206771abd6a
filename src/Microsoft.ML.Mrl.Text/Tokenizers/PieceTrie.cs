namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Finds all pieces that a text begins with in one pass. This type is immutable.</summary>
internal sealed class PieceTrie
{
    private readonly Dictionary<long, int> _edges = [];
    private readonly List<int> _pieces = [-1];

    /// <param name="pieces">Pieces, none empty, and their numbers from 0; of equal pieces the later counts.</param>
    public PieceTrie(IEnumerable<(string Piece, int Number)> pieces)
    {
        foreach ((string piece, int number) in pieces)
        {
            int node = 0;
            foreach (char c in piece)
            {
                long key = Key(node, c);
                if (!_edges.TryGetValue(key, out int next))
                {
                    next = _pieces.Count;
                    _edges.Add(key, next);
                    _pieces.Add(-1);
                }
                node = next;
            }
            _pieces[node] = number;
        }
    }

    /// <summary>Moves forward by one character.</summary>
    /// <param name="node">The current node, which is 0 at the start. It is replaced by the next node.</param>
    /// <param name="c">The character.</param>
    /// <param name="piece">The piece that ends here, −1 for none.</param>
    /// <returns><see langword="false"/> if no piece continues with this character.</returns>
    public bool Step(ref int node, char c, out int piece)
    {
        if (!_edges.TryGetValue(Key(node, c), out node))
        {
            piece = -1;
            return false;
        }
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
}
