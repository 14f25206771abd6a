using System.Buffers;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>The rows that some queries still have on their lists, query by query, with what is known of each pair.</summary>
internal sealed unsafe class FunnelCandidates : IDisposable
{
    private const int Lanes = RowKernel.Lanes;
    private const int MostBuckets = 4096;

    private readonly int[] _starts;
    private readonly int[] _counts = new int[MostBuckets + 1];
    private Pair[] _order;
    private float[] _lanes = [];

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
        _order = ArrayPool<Pair>.Shared.Rent(count);
        for (int q = 0; q < lists.Length; q++)
        {
            Span<ulong> keys = lists[q].Best();
            keys.CopyTo(Keys.AsSpan(_starts[q]));
            Span<float> firsts = Firsts.AsSpan(_starts[q], keys.Length);
            for (int i = 0; i < firsts.Length; i++)
            {
                firsts[i] = ScoreKey.Score(keys[i]);
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

    /// <summary>The pairs in about the order in which their rows lie in memory, as <see cref="Sort"/> made it.</summary>
    public ReadOnlySpan<Pair> Order => _order.AsSpan(0, Count);

    /// <summary>Whether there are sums of the blocks compared so far.</summary>
    public bool HasSums { get; private set; }

    /// <summary>Those sums, <c>[pairs, 16]</c>; room for them where there are none yet.</summary>
    public float[] Sums => _lanes.Length > 0 ? _lanes : _lanes = ArrayPool<float>.Shared.Rent(Count * Lanes);

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
        for (int q = 0; q < Queries; q++)
        {
            for (int i = _starts[q]; i < _starts[q + 1]; i++)
            {
                int position = ScoreKey.Position(keys[i]);
                _order[counts[position >> shift]++] = new Pair(i, q, position);
            }
        }
    }

    /// <summary>Takes the sums as not made.</summary>
    public void Forget() => HasSums = false;

    /// <summary>Keeps so many of the best rows of each query.</summary>
    /// <param name="count">How many.</param>
    /// <param name="hasSums">Whether the sums were written.</param>
    public void Keep(int count, bool hasSums)
    {
        HasSums = hasSums;
        int kept = 0;
        for (int q = 0; q < Queries; q++)
        {
            int start = _starts[q];
            ReadOnlySpan<ulong> keys = KeysOf(q);
            ulong least = count < keys.Length ? TopSelection.Least(keys, count) : 0;
            _starts[q] = kept;
            for (int i = 0; i < keys.Length; i++)
            {
                ulong key = keys[i];
                if (key >= least)
                {
                    Keys[kept] = key;
                    Firsts[kept] = Firsts[start + i];
                    if (hasSums)
                    {
                        Vector512.LoadUnsafe(ref _lanes[(start + i) * Lanes]).StoreUnsafe(ref _lanes[kept * Lanes]);
                    }
                    kept++;
                }
            }
        }
        _starts[^1] = kept;
    }

    public void Dispose()
    {
        (ulong[] keys, float[] firsts, Pair[] order, float[] lanes) = (Keys, Firsts, _order, _lanes);
        (Keys, Firsts, _order, _lanes) = ([], [], [], []);
        Return(keys);
        Return(firsts);
        Return(order);
        Return(lanes);
    }

    private static void Return<T>(T[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<T>.Shared.Return(array);
        }
    }

    /// <summary>A query and a row.</summary>
    /// <param name="Index">Where the pair is among all.</param>
    /// <param name="Query">The query.</param>
    /// <param name="Position">The position of the row.</param>
    public readonly record struct Pair(int Index, int Query, int Position);
}
