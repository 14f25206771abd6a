namespace Microsoft.ML.Mrl;

/// <summary>Picks the greatest of distinct keys.</summary>
internal static class TopSelection
{
    /// <summary>Moves the greatest keys to the front, in no order.</summary>
    /// <param name="keys">Distinct keys.</param>
    /// <param name="count">How many to move, at least 1.</param>
    public static void MoveToFront(Span<ulong> keys, int count)
    {
        // Quickselect by the median of three. A key order made to defeat it falls back to sorting.
        int low = 0, high = keys.Length - 1;
        for (int rounds = 64; low < high && count <= high; rounds--)
        {
            if (rounds == 0)
            {
                Span<ulong> rest = keys[low..(high + 1)];
                rest.Sort();
                rest.Reverse();
                return;
            }
            ulong a = keys[low], b = keys[low + ((high - low) / 2)], c = keys[high];
            ulong pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int i = low, j = high;
            while (i <= j)
            {
                while (keys[i] > pivot)
                {
                    i++;
                }
                while (keys[j] < pivot)
                {
                    j--;
                }
                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }
            // [low..j] >= pivot >= [i..high]; what is between equals the pivot.
            if (count <= j)
            {
                high = j;
            }
            else if (count >= i + 1)
            {
                low = i;
            }
            else
            {
                return;
            }
        }
    }
}
