using System.Buffers;
using System.Numerics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

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
        _room = (int)Math.Min(Math.Max(3L * _limit, _limit + 256L), (long)_limit + rows + 1);
        _room = Math.Max(_room, _limit + 1);
        _keys = ArrayPool<ulong>.Shared.Rent(_room);
    }

    /// <summary>How many it keeps at most.</summary>
    public int Limit => _limit;

    /// <summary>How many it holds now.</summary>
    public int Count => _count;

    /// <summary>The floor that was set, if one was.</summary>
    public float? Floor { get; private set; }

    /// <summary>Whether rows are missing that a floor kept out.</summary>
    public bool IsFloorTooHigh => Floor is not null && _count < _limit;

    /// <summary>The score that a row must be above to be taken down.</summary>
    public float Threshold => _threshold;

    /// <summary>Makes some lists.</summary>
    public static ShortList[] Several(int count, int limit, int rows)
    {
        var lists = new ShortList[count];
        for (int i = 0; i < count; i++)
        {
            lists[i] = new ShortList(limit, rows);
        }
        return lists;
    }

    /// <summary>Takes no row at or below a score from now on. The list is right unless <see cref="IsFloorTooHigh"/> in the end.</summary>
    public void SetFloor(float? score)
    {
        Floor = score;
        _threshold = score ?? float.NegativeInfinity;
    }

    /// <summary>Empties the list and takes any row again.</summary>
    public void Restart()
    {
        _count = 0;
        SetFloor(null);
    }

    /// <summary>Takes a panel of scores.</summary>
    /// <param name="scores">The scores, <c>[32]</c>.</param>
    /// <param name="firstPosition">The position of the first row.</param>
    /// <param name="rows">A bit for each row that counts.</param>
    public void Accept(float* scores, int firstPosition, uint rows)
        => Take(scores, firstPosition, PanelKernel.Mask(scores, _threshold) & rows);

    /// <summary>Takes rows of a panel that are known to be above the threshold.</summary>
    /// <param name="scores">The scores, <c>[32]</c>.</param>
    /// <param name="firstPosition">The position of the first row.</param>
    /// <param name="rows">A bit for each row to take.</param>
    public void Take(float* scores, int firstPosition, uint rows)
    {
        for (; rows != 0; rows &= rows - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rows);
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
        ulong least = ulong.MaxValue;
        foreach (ulong key in TopSelection.Keep(_keys.AsSpan(0, _count), _limit))
        {
            least = Math.Min(least, key);
        }
        _count = _limit;
        _threshold = ScoreKey.Score(least);
    }
}
