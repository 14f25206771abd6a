namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Puts rows in an order in which no batch holds two rows that share a vector.</summary>
internal static class BatchOrder
{
    /// <summary>Rows that a batch is chosen from, in batches; more would rarely help and make long data slow.</summary>
    private const int LookAhead = 8;

    /// <summary>
    /// Reorders rows, batch by batch: each batch takes, of the next rows in line, the first that share no vector with those it has. Where
    /// there are not enough of them, the batch is filled with the first in line all the same. Depends on the given order alone.
    /// </summary>
    /// <param name="order">Row numbers, shuffled; reordered in place.</param>
    /// <param name="batchSize">Rows a batch, at least 1.</param>
    /// <param name="numbers">The numbers of each row's vectors, column by column; equal vectors have equal numbers.</param>
    public static void Separate(int[] order, int batchSize, params int[][] numbers)
    {
        int window = batchSize * LookAhead;
        var waiting = new List<int>();
        var left = new List<int>();
        var seen = new HashSet<int>();
        int next = 0;
        int filled = 0;
        while (filled < order.Length)
        {
            int end = Math.Min(filled + batchSize, order.Length);
            seen.Clear();
            left.Clear();
            int position = 0;
            while (filled < end && position < waiting.Count)
            {
                Offer(waiting[position++]);
            }
            left.AddRange(waiting[position..]);
            while (filled < end && left.Count < window && next < order.Length)
            {
                Offer(order[next++]);
            }
            int missing = Math.Min(end - filled, left.Count);
            for (int i = 0; i < missing; i++)
            {
                order[filled++] = left[i];
            }
            left.RemoveRange(0, missing);
            (waiting, left) = (left, waiting);
        }

        void Offer(int row)
        {
            foreach (int[] column in numbers)
            {
                if (seen.Contains(column[row]))
                {
                    left.Add(row);
                    return;
                }
            }
            foreach (int[] column in numbers)
            {
                seen.Add(column[row]);
            }
            order[filled++] = row;
        }
    }
}
