using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Knows which rows have the same vector, bit by bit at unit length. Each of them points to the next; the first, which leads them, goes
/// into the graph alone: a graph in which one vector is there many times does not lead to some of the others.
/// </summary>
internal sealed unsafe class EqualRows : IEqualityComparer<int>
{
    // By any row with the vector; rows that were removed keep theirs until they are compacted.
    private readonly Dictionary<int, (int Leader, int Last)> _chains;

    private MemoryRows _rows;

    /// <param name="rows">The rows, whose links are right.</param>
    /// <param name="count">How many there are.</param>
    public EqualRows(MemoryRows rows, int count)
    {
        _rows = rows;
        _chains = new Dictionary<int, (int, int)>(count, this);
        for (int row = 0; row < count; row++)
        {
            if (rows.IsAlive(row))
            {
                Enter(rows, row, null);
            }
        }
    }

    /// <summary>Takes note of a row.</summary>
    /// <param name="rows">The rows with that one.</param>
    /// <param name="row">The row.</param>
    /// <param name="links">Takes the link to the row, if it is equal to others.</param>
    /// <returns>Whether it is the first with its vector.</returns>
    public bool Enter(MemoryRows rows, int row, List<(int Row, int Next)>? links)
    {
        _rows = rows;
        ref (int Leader, int Last) chain = ref CollectionsMarshal.GetValueRefOrAddDefault(_chains, row, out bool exists);
        if (exists)
        {
            links?.Add((chain.Last, row));
        }
        chain = (exists ? chain.Leader : row, row);
        return !exists;
    }

    /// <summary>Whether a row is the first there is with its vector.</summary>
    public bool IsLeader(int row) => _chains[row].Leader == row;

    /// <summary>Makes another row the first with a vector.</summary>
    /// <param name="row">The first until now.</param>
    /// <param name="next">The first from now on; negative for none.</param>
    public void Lead(int row, int next)
    {
        if (next < 0)
        {
            _chains.Remove(row);
        }
        else
        {
            _chains[row] = (next, _chains[row].Last);
        }
    }

    bool IEqualityComparer<int>.Equals(int x, int y) => x == y || Bytes(x).SequenceEqual(Bytes(y));

    int IEqualityComparer<int>.GetHashCode(int row) => FileRows.Checksum(Bytes(row)).GetHashCode();

    private ReadOnlySpan<byte> Bytes(int row) => new(_rows.Rows(row, 1, null), _rows.Stride * sizeof(float));
}
