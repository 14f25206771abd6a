namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Row numbers to train on and row numbers held back; rows with equal inputs are always on one side.</summary>
internal sealed record ExampleSplit(int[] Training, int[] Validation)
{
    /// <summary>Splits by a seed, or where the examples say.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="fraction">The share to hold back, 0..1.</param>
    /// <param name="random">Decides which.</param>
    public static ExampleSplit Make(ExampleSet examples, double fraction, Random random)
    {
        if (examples.ValidationStart is { } start)
        {
            return new ExampleSplit([.. Enumerable.Range(0, start)], [.. Enumerable.Range(start, examples.Count - start)]);
        }
        int wanted = (int)(examples.Count * fraction);
        if (wanted < 1 || examples.Count - wanted < 2)
        {
            return new ExampleSplit([.. Enumerable.Range(0, examples.Count)], []);
        }
        // Rows by hash, so that groups of rows with equal hashes lie together; a group is known by where it starts.
        long[] sorted = RowsByHash(examples.Anchors);
        int[] groups = Starts(sorted);
        random.Shuffle(groups);
        int[]? left = examples.Labels is null || !examples.LearnsLabels ? null : RowsByClass(examples);
        var isHeld = new bool[examples.Count];
        int held = 0;
        foreach (int first in groups)
        {
            int length = LengthAt(sorted, first);
            ReadOnlySpan<long> group = sorted.AsSpan(first, length);
            if (held + length <= wanted && MayLeave(group))
            {
                foreach (long entry in group)
                {
                    isHeld[RowOf(entry)] = true;
                }
                held += length;
            }
        }
        var training = new int[examples.Count - held];
        var validation = new int[held];
        for (int row = 0, trained = 0, kept = 0; row < isHeld.Length; row++)
        {
            if (isHeld[row])
            {
                validation[kept++] = row;
            }
            else
            {
                training[trained++] = row;
            }
        }
        return new ExampleSplit(training, validation);

        // A class keeps at least one row to be learned from.
        bool MayLeave(ReadOnlySpan<long> group)
        {
            if (left is null)
            {
                return true;
            }
            bool all = true;
            foreach (long entry in group)
            {
                left[examples.Labels![RowOf(entry)]]--;
            }
            foreach (long entry in group)
            {
                all &= left[examples.Labels![RowOf(entry)]] > 0;
            }
            if (all)
            {
                return true;
            }
            foreach (long entry in group)
            {
                left[examples.Labels![RowOf(entry)]]++;
            }
            return false;
        }
    }

    private static int RowOf(long entry) => (int)entry;

    private static int HashOf(long entry) => (int)(entry >> 32);

    private static long[] RowsByHash(VectorRows rows)
    {
        var entries = new long[rows.Count];
        for (int row = 0; row < entries.Length; row++)
        {
            entries[row] = ((long)rows.HashOf(row) << 32) | (uint)row;
        }
        Array.Sort(entries);
        return entries;
    }

    private static int LengthAt(long[] sorted, int start)
    {
        int end = start + 1;
        while (end < sorted.Length && HashOf(sorted[end]) == HashOf(sorted[start]))
        {
            end++;
        }
        return end - start;
    }

    /// <summary>Where the groups start, in the order of their first rows.</summary>
    private static int[] Starts(long[] sorted)
    {
        var startOfFirst = new int[sorted.Length];
        int groups = 0;
        for (int start = 0; start < sorted.Length; start += LengthAt(sorted, start))
        {
            startOfFirst[RowOf(sorted[start])] = start + 1;
            groups++;
        }
        var starts = new int[groups];
        int next = 0;
        foreach (int start in startOfFirst)
        {
            if (start > 0)
            {
                starts[next++] = start - 1;
            }
        }
        return starts;
    }

    private static int[] RowsByClass(ExampleSet examples)
    {
        var counts = new int[examples.Classes];
        foreach (int label in examples.Labels!)
        {
            counts[label]++;
        }
        return counts;
    }
}
