using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The best rows of a scan. Rows above a threshold are taken down as they come; when there is no more room the best are picked and the threshold rises to the last of them.
/// </summary>
/// <remarks>Rows come with rising positions, so an equal score never displaces one that is kept. What is kept does not depend on how the rows were parted.</remarks>
internal sealed unsafe class ShortList : IDisposable
{
    private readonly int _limit;
    private readonly int _room;
    private ulong[] _keys;
    private int _count;
    private float _threshold = float.NegativeInfinity;

    /// <param name="limit">How many to keep, at least 1.</param>
    /// <param name="rows">How many rows will come at most.</param>
    public ShortList(int limit, int rows)
    {
        _limit = Math.Min(limit, Math.Max(rows, 1));
        _room = (int)Math.Min(Math.Max(2L * _limit, _limit + 256L), (long)_limit + rows + 1);
        _room = Math.Max(_room, _limit + 1);
        _keys = ArrayPool<ulong>.Shared.Rent(_room);
    }

    /// <summary>How many it keeps at most.</summary>
    public int Limit => _limit;

    /// <summary>How many it holds now.</summary>
    public int Count => _count;

    /// <summary>Takes no row at or below a score from now on. The list is right if it is full in the end.</summary>
    public void SetFloor(float? score) => _threshold = score ?? float.NegativeInfinity;

    /// <summary>Empties the list and takes any row again.</summary>
    public void Restart()
    {
        _count = 0;
        _threshold = float.NegativeInfinity;
    }

    /// <summary>Takes a panel of scores.</summary>
    /// <param name="scores">The scores, <c>[32]</c>.</param>
    /// <param name="firstPosition">The position of the first row.</param>
    /// <param name="rows">A bit for each row that counts.</param>
    public void Accept(float* scores, int firstPosition, uint rows)
    {
        var threshold = Vector512.Create(_threshold);
        uint above = (uint)Vector512.GreaterThan(Vector512.Load(scores), threshold).ExtractMostSignificantBits()
            | ((uint)Vector512.GreaterThan(Vector512.Load(scores + 16), threshold).ExtractMostSignificantBits() << 16);
        above &= rows;
        for (; above != 0; above &= above - 1)
        {
            int lane = BitOperations.TrailingZeroCount(above);
            Add(ScoreKey.Of(scores[lane], firstPosition + lane));
        }
    }

    /// <summary>Takes what another list kept.</summary>
    public void Accept(ReadOnlySpan<ulong> keys)
    {
        foreach (ulong key in keys)
        {
            Add(key);
        }
    }

    /// <summary>The keys of the best rows, in no order.</summary>
    public Span<ulong> Best()
    {
        if (_count > _limit)
        {
            Shrink();
        }
        return _keys.AsSpan(0, _count);
    }

    public void Dispose()
    {
        ulong[] keys = _keys;
        _keys = [];
        if (keys.Length > 0)
        {
            ArrayPool<ulong>.Shared.Return(keys);
        }
    }

    private void Add(ulong key)
    {
        if (_count == _room)
        {
            Shrink();
        }
        _keys[_count++] = key;
    }

    private void Shrink()
    {
        Span<ulong> keys = _keys.AsSpan(0, _count);
        TopSelection.MoveToFront(keys, _limit);
        ulong least = ulong.MaxValue;
        foreach (ulong key in keys[.._limit])
        {
            least = Math.Min(least, key);
        }
        _count = _limit;
        _threshold = ScoreKey.Score(least);
    }
}
