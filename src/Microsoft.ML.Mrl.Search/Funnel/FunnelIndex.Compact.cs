using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>Gives back the memory of the vectors of removed rows. Needs room for all others once more meanwhile. The graph stays, and
    /// gives the places of removed rows to new ones.</summary>
    /// <exception cref="NotSupportedException">The index is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Compact()
    {
        lock (_writing)
        {
            CheckWritable();
            CompactRows();
        }
    }

    private unsafe void CompactRows()
    {
        FunnelSnapshot before = _snapshot;
        if (_removed == 0)
        {
            return;
        }
        int[] live = LivePositions(before);
        long[] ids = [.. live.Select(before.Rows.IdOf)];
        MemoryRows rows = new MemoryRows(Dimensions).Append(
            0, ids, (row, target) => new ReadOnlySpan<float>(before.Rows.Rows(live[row], 1, null), target.Length).CopyTo(target));
        int[] next = LinksAmong(before, live);
        for (int row = 0; row < next.Length; row++)
        {
            rows.Link(row, next[row]);
        }
        _equal = null;
        _positions = ids.Select((id, position) => (id, position)).ToDictionary(pair => pair.id, pair => pair.position);
        _removed = 0;
        if (before.Graph is not null && before.Boundary > MaxRows / 2)
        {
            // The graph runs out of keys: a new one begins at 0.
            Publish(WithGraph(new FunnelSnapshot(rows, live.Length), before.Plan, null, default));
            return;
        }
        Publish(new FunnelSnapshot(rows, live.Length)
        {
            Plan = before.Plan,
            Graph = before.Graph,
            Keys = before.Graph is null ? [] : [.. live.Select(before.KeyOf)],
            Boundary = before.Graph is null ? 0 : before.KeyOf(before.Count),
            Apart = ApartAmong(before, live),
        });
    }

    /// <summary>Where the rows that are apart are among those that are there; of equal ones the first.</summary>
    internal static int[] ApartAmong(FunnelSnapshot snapshot, int[] live)
        => [.. snapshot.Apart.Select(position => snapshot.FirstOf(position, null)).Where(position => position >= 0)
            .Select(position => Array.BinarySearch(live, position))];

    /// <summary>For each row that is there, where the next one with the same vector is among them, or 0; empty where all differ.</summary>
    internal static int[] LinksAmong(FunnelSnapshot snapshot, int[] live)
    {
        int[] next = Array.ConvertAll(live, row =>
            snapshot.Rows.NextEqual(row) is > 0 and var to && snapshot.FirstOf(to, null) is >= 0 and var first
            ? Array.BinarySearch(live, first) : 0);
        return Array.TrueForAll(next, to => to == 0) ? [] : next;
    }
}
