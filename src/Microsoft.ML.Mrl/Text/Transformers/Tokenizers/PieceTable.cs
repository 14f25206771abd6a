namespace Microsoft.ML.Mrl;

/// <summary>Finds the number of a piece of text without making a string of it.</summary>
internal sealed class PieceTable
{
    private readonly int[] _buckets;
    private readonly int[] _next;
    private readonly string[] _pieces;
    private readonly int[] _ids;

    /// <summary>Makes a table; of a piece given twice, the later number counts, as in a dictionary that is filled line by line.</summary>
    public PieceTable(IReadOnlyList<(string Piece, int Id)> pieces)
    {
        _pieces = [.. pieces.Select(p => p.Piece)];
        _ids = [.. pieces.Select(p => p.Id)];
        _next = new int[_pieces.Length];
        _buckets = new int[Math.Max(1, _pieces.Length)];
        Array.Fill(_buckets, -1);
        for (int i = 0; i < _pieces.Length; i++)
        {
            int bucket = Bucket(_pieces[i]);
            _next[i] = _buckets[bucket];
            _buckets[bucket] = i;
            Longest = Math.Max(Longest, _pieces[i].Length);
        }
    }

    /// <summary>The length of the longest piece, in UTF-16 units.</summary>
    public int Longest { get; }

    /// <summary>The number of a piece, or −1.</summary>
    public int Find(ReadOnlySpan<char> piece)
    {
        for (int i = _buckets[Bucket(piece)]; i >= 0; i = _next[i])
        {
            if (piece.SequenceEqual(_pieces[i]))
            {
                return _ids[i];
            }
        }
        return -1;
    }

    private int Bucket(ReadOnlySpan<char> piece) => (int)((uint)string.GetHashCode(piece) % (uint)_buckets.Length);
}
