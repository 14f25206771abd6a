using System.Buffers;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl;

/// <summary>The rows that some queries still have on their lists, query by query, with what is known of each pair.</summary>
internal sealed unsafe class FunnelCandidates : IDisposable
{
    private const int Lanes = RowKernel.Lanes;
    private const int MostBuckets = 4096;

    private readonly int[] _starts;
    private readonly int[] _counts = new int[MostBuckets + 1];
    private float[] _lanes;
    private ulong[] _room;

    /// <param name="lists">What a scan kept for each query.</param>
    public FunnelCandidates(ReadOnlySpan<ShortList> lists)
    {
        _starts = new int[lists.Length + 1];
        for (int q = 0; q < lists.Length; q++)
        {
            _starts[q + 1] = checked(_starts[q] + lists[q].Best().Length);
        }
        int count = Count;
        Keys = ArrayPool<ulong>.Shared.Rent(count);
        Firsts = ArrayPool<float>.Shared.Rent(count);
        Owners = ArrayPool<int>.Shared.Rent(count);
        Order = ArrayPool<int>.Shared.Rent(count);
        _lanes = ArrayPool<float>.Shared.Rent(checked(count * Lanes));
        _room = ArrayPool<ulong>.Shared.Rent(count);
        for (int q = 0; q < lists.Length; q++)
        {
            Span<ulong> keys = lists[q].Best();
            keys.CopyTo(Keys.AsSpan(_starts[q]));
            for (int i = 0; i < keys.Length; i++)
            {
                Firsts[_starts[q] + i] = ScoreKey.Score(keys[i]);
                Owners[_starts[q] + i] = q;
            }
        }
    }

    /// <summary>The number of pairs of a query and a row.</summary>
    public int Count => _starts[^1];

    /// <summary>The number of queries.</summary>
    public int Queries => _starts.Length - 1;

    /// <summary>Scores and positions.</summary>
    public ulong[] Keys { get; private set; }

    /// <summary>The scores of the scan.</summary>
    public float[] Firsts { get; private set; }

    /// <summary>The query of each pair.</summary>
    public int[] Owners { get; private set; }

    /// <summary>The pairs in about the order in which their rows lie in memory, as <see cref="Sort"/> made it.</summary>
    public int[] Order { get; private set; }

    /// <summary>The products of the blocks compared so far, <c>[pairs, 16]</c>; whole vectors of it are written before they are read.</summary>
    public float[] Sums => _lanes;

    /// <summary>The keys of a query.</summary>
    public Span<ulong> KeysOf(int query) => Keys.AsSpan(_starts[query], _starts[query + 1] - _starts[query]);

    /// <summary>The most rows of a query.</summary>
    public int Longest()
    {
        int longest = 0;
        for (int q = 0; q < Queries; q++)
        {
            longest = Math.Max(longest, KeysOf(q).Length);
        }
        return longest;
    }

    /// <summary>Orders the pairs by bands of rows, so that memory is read about once and in its own order though many queries want it.</summary>
    /// <param name="rows">Positions are below this.</param>
    public void Sort(int rows)
    {
        int shift = 0;
        while ((Math.Max(rows, 1) - 1) >> shift >= MostBuckets)
        {
            shift++;
        }
        int[] counts = _counts;
        Array.Clear(counts);
        ReadOnlySpan<ulong> keys = Keys.AsSpan(0, Count);
        foreach (ulong key in keys)
        {
            counts[(ScoreKey.Position(key) >> shift) + 1]++;
        }
        for (int b = 1; b < counts.Length; b++)
        {
            counts[b] += counts[b - 1];
        }
        for (int i = 0; i < keys.Length; i++)
        {
            Order[counts[ScoreKey.Position(keys[i]) >> shift]++] = i;
        }
    }

    /// <summary>Keeps so many of the best rows of each query.</summary>
    public void Keep(int count)
    {
        int kept = 0;
        for (int q = 0; q < Queries; q++)
        {
            int start = _starts[q];
            ReadOnlySpan<ulong> keys = KeysOf(q);
            ulong least = 0;
            if (count < keys.Length)
            {
                Span<ulong> best = _room.AsSpan(0, keys.Length);
                keys.CopyTo(best);
                TopSelection.MoveToFront(best, count);
                least = ulong.MaxValue;
                foreach (ulong key in best[..count])
                {
                    least = Math.Min(least, key);
                }
            }
            _starts[q] = kept;
            for (int i = 0; i < keys.Length; i++)
            {
                ulong key = keys[i];
                if (key >= least)
                {
                    Keys[kept] = key;
                    Firsts[kept] = Firsts[start + i];
                    Owners[kept] = q;
                    Vector512.LoadUnsafe(ref _lanes[(start + i) * Lanes]).StoreUnsafe(ref _lanes[kept * Lanes]);
                    kept++;
                }
            }
        }
        _starts[^1] = kept;
    }

    public void Dispose()
    {
        if (Keys.Length == 0)
        {
            return;
        }
        ArrayPool<ulong>.Shared.Return(Keys);
        ArrayPool<float>.Shared.Return(Firsts);
        ArrayPool<int>.Shared.Return(Owners);
        ArrayPool<int>.Shared.Return(Order);
        ArrayPool<float>.Shared.Return(_lanes);
        ArrayPool<ulong>.Shared.Return(_room);
        (Keys, Firsts, Owners, Order, _lanes, _room) = ([], [], [], [], [], []);
    }
}
