using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Keeps the greatest of distinct <see cref="ScoreKey"/>s, whatever the order they come in.</summary>
internal sealed class TopKeys(int top)
{
    // A min-heap once it is full.
    private ulong[] _keys = new ulong[Math.Min(top, 64)];

    public int Count { get; private set; }

    /// <summary>A score below this is of no use, and neither is a NaN.</summary>
    public float Least { get; private set; } = float.NegativeInfinity;

    public void Add(ulong key)
    {
        if (Count < top)
        {
            if (Count == _keys.Length)
            {
                Array.Resize(ref _keys, Math.Min(top, 2 * Count));
            }
            _keys[Count++] = key;
            if (Count == top)
            {
                Array.Sort(_keys, 0, Count);
                Least = ScoreKey.Score(_keys[0]);
            }
            return;
        }
        if (key <= _keys[0])
        {
            return;
        }
        TopNeighbors.SiftDown(_keys, 0, key);
        Least = ScoreKey.Score(_keys[0]);
    }

    /// <summary>Forgets what was added.</summary>
    public void Clear() => (Count, Least) = (0, float.NegativeInfinity);

    public void Add(TopKeys other)
    {
        foreach (ulong key in other._keys.AsSpan(0, other.Count))
        {
            Add(key);
        }
    }

    /// <summary>The keys, the greatest first. Nothing is added any more.</summary>
    public ReadOnlySpan<ulong> Ranked()
    {
        Span<ulong> keys = _keys.AsSpan(0, Count);
        keys.Sort();
        keys.Reverse();
        return keys;
    }

    /// <summary>The hits, the best first. Nothing is added any more.</summary>
    /// <param name="idOf">Makes an id of a position.</param>
    public SearchHit[] Hits(Func<int, long> idOf)
    {
        ReadOnlySpan<ulong> keys = Ranked();
        var hits = new SearchHit[keys.Length];
        for (int i = 0; i < hits.Length; i++)
        {
            hits[i] = new SearchHit(idOf(ScoreKey.Position(keys[i])), Math.Clamp(ScoreKey.Score(keys[i]), -1, 1));
        }
        return hits;
    }
}
