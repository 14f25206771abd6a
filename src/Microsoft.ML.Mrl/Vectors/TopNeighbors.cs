using System.Numerics;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Keeps the K documents nearest to each query at each dimension: by falling cosine, then by rising document row.</summary>
internal sealed class TopNeighbors : ICosineSink
{
    private readonly int _queries;
    private readonly int[]? _excluded;

    // Min-heaps of K keys, [M, queries, K]; a key orders by cosine, then by lower document.
    private readonly ulong[] _heaps;
    private readonly int[] _counts;

    // The cosine that a newcomer must exceed, [M, queries] and room for a tile that reaches beyond the last query. Documents arrive in
    // rising order, so an equal cosine never enters a full heap.
    private readonly float[] _thresholds;

    /// <param name="dimensions">The number of dimensions M.</param>
    /// <param name="queries">The number of queries.</param>
    /// <param name="neighbors">K, at least 1.</param>
    /// <param name="excluded">A document that each query must not find, -1 for none, or null for none at all.</param>
    public TopNeighbors(int dimensions, int queries, int neighbors, int[]? excluded = null)
    {
        _queries = queries;
        Neighbors = neighbors;
        _excluded = excluded;
        _heaps = new ulong[(long)dimensions * queries * neighbors];
        _counts = new int[dimensions * queries];
        _thresholds = new float[(dimensions * queries) + PrefixDotProducts.TileQueries];
        Array.Fill(_thresholds, float.NegativeInfinity);
    }

    /// <summary>Gets the maximum number of documents kept, K.</summary>
    public int Neighbors { get; }

    public void Accept(int dimension, int firstQuery, int queries, int firstDocument, int documents, ReadOnlySpan<float> cosines)
    {
        for (int q = 0; q < queries; q++)
        {
            AcceptRow(
                dimension, firstQuery + q, firstDocument, documents,
                    cosines.Slice(q * PrefixDotProducts.PanelDocuments, PrefixDotProducts.PanelDocuments));
        }
    }

    /// <summary>Returns the cosines that the documents of a tile must exceed to be taken, one for each query of the tile.</summary>
    public ReadOnlySpan<float> Thresholds(int dimension, int firstQuery) =>
        _thresholds.AsSpan((dimension * _queries) + firstQuery, PrefixDotProducts.TileQueries);

    /// <summary>Takes the row of a tile that belongs to one query.</summary>
    public void AcceptRow(int dimension, int query, int firstDocument, int documents, ReadOnlySpan<float> cosines)
    {
        int slot = (dimension * _queries) + query;
        var threshold = Vector512.Create(_thresholds[slot]);
        ulong above = Vector512.GreaterThan(Vector512.Create(cosines), threshold).ExtractMostSignificantBits()
            | (Vector512.GreaterThan(Vector512.Create(cosines[16..]), threshold).ExtractMostSignificantBits() << 16);
        if (above != 0)
        {
            Take(slot, query, firstDocument, above & (ulong.MaxValue >> (64 - documents)), cosines);
        }
    }

    /// <summary>Returns the documents found for a query, nearest first.</summary>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="query">The query's row.</param>
    /// <param name="documents">Room for K rows; the return value says how many were written.</param>
    /// <param name="cosines">Room for their cosines, or empty.</param>
    public int Ranked(int dimension, int query, Span<int> documents, Span<float> cosines = default)
    {
        int slot = (dimension * _queries) + query;
        int count = _counts[slot];
        Span<ulong> keys = Heap(slot)[..count];
        keys.Sort();
        keys.Reverse();
        for (int i = 0; i < count; i++)
        {
            documents[i] = ScoreKey.Position(keys[i]);
            if (!cosines.IsEmpty)
            {
                cosines[i] = ScoreKey.Score(keys[i]);
            }
        }
        return count;
    }

    private void Take(int slot, int query, int firstDocument, ulong candidates, ReadOnlySpan<float> cosines)
    {
        Span<ulong> heap = Heap(slot);
        int excluded = _excluded is null ? -1 : _excluded[query];
        for (; candidates != 0; candidates &= candidates - 1)
        {
            int lane = BitOperations.TrailingZeroCount(candidates);
            int document = firstDocument + lane;
            if (document == excluded || !(cosines[lane] > _thresholds[slot]))
            {
                continue;
            }
            ulong key = ScoreKey.Of(cosines[lane], document);
            if (_counts[slot] < heap.Length)
            {
                heap[_counts[slot]++] = key;
                if (_counts[slot] < heap.Length)
                {
                    continue;
                }
                for (int i = (heap.Length / 2) - 1; i >= 0; i--)
                {
                    SiftDown(heap, i, heap[i]);
                }
            }
            else
            {
                SiftDown(heap, 0, key);
            }
            _thresholds[slot] = ScoreKey.Score(heap[0]);
        }
    }

    private Span<ulong> Heap(int slot) => _heaps.AsSpan(checked((int)((long)slot * Neighbors)), Neighbors);

    /// <summary>Puts a key into the place of another at the top of a part of a min-heap.</summary>
    public static void SiftDown(Span<ulong> heap, int hole, ulong key)
    {
        for (int child = (2 * hole) + 1; child < heap.Length; child = (2 * hole) + 1)
        {
            if (child + 1 < heap.Length)
            {
                child += heap[child + 1] < heap[child] ? 1 : 0;
            }
            if (key <= heap[child])
            {
                break;
            }
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = key;
    }
}
