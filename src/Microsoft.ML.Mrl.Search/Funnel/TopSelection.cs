using System.Numerics;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Picks the greatest of distinct keys.</summary>
internal static class TopSelection
{
    /// <summary>A number that exactly so many keys are at least.</summary>
    /// <remarks>
    /// Halves the range of keys until a half parts them rightly, which takes about the logarithm of their number in passes: each pass compares whole vectors and branches on nothing, where a selection that
    /// moves keys would mispredict at about every second one.
    /// </remarks>
    /// <param name="keys">Distinct keys.</param>
    /// <param name="count">How many, from 1 to the number of keys.</param>
    public static ulong Least(ReadOnlySpan<ulong> keys, int count)
    {
        (ulong low, ulong high) = Range(keys);
        // At least count keys are >= low, fewer are > high.
        while (low < high)
        {
            ulong middle = low + ((high - low) / 2) + ((high - low) & 1);
            int above = CountAtLeast(keys, middle);
            if (above == count)
            {
                return middle;
            }
            (low, high) = above > count ? (middle, high) : (low, middle - 1);
        }
        return low;
    }

    /// <summary>Moves the greatest keys to the front, in the order that they have; what is behind them is lost.</summary>
    /// <param name="keys">Distinct keys.</param>
    /// <param name="count">How many to keep, at least 1.</param>
    /// <returns>The keys kept, as many as there are at most.</returns>
    public static Span<ulong> Keep(Span<ulong> keys, int count)
    {
        if (count >= keys.Length)
        {
            return keys;
        }
        ulong least = Least(keys, count);
        int kept = 0;
        foreach (ulong key in keys)
        {
            keys[kept] = key;
            kept += key >= least ? 1 : 0;
        }
        return keys[..count];
    }

    private static (ulong Least, ulong Greatest) Range(ReadOnlySpan<ulong> keys)
    {
        ulong least = ulong.MaxValue, greatest = 0;
        int i = 0;
        if (Vector512.IsHardwareAccelerated && keys.Length >= Vector512<ulong>.Count)
        {
            Vector512<ulong> low = Vector512<ulong>.AllBitsSet, high = default;
            for (; i <= keys.Length - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
            {
                var next = Vector512.Create(keys[i..]);
                low = Vector512.Min(low, next);
                high = Vector512.Max(high, next);
            }
            for (int lane = 0; lane < Vector512<ulong>.Count; lane++)
            {
                least = Math.Min(least, low[lane]);
                greatest = Math.Max(greatest, high[lane]);
            }
        }
        for (; i < keys.Length; i++)
        {
            least = Math.Min(least, keys[i]);
            greatest = Math.Max(greatest, keys[i]);
        }
        return (least, greatest);
    }

    private static int CountAtLeast(ReadOnlySpan<ulong> keys, ulong bound)
    {
        int count = 0, i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            var least = Vector512.Create(bound);
            for (; i <= keys.Length - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
            {
                count += BitOperations.PopCount(Vector512.GreaterThanOrEqual(Vector512.Create(keys[i..]), least).ExtractMostSignificantBits());
            }
        }
        for (; i < keys.Length; i++)
        {
            count += keys[i] >= bound ? 1 : 0;
        }
        return count;
    }
}
