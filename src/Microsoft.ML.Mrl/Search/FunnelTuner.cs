namespace Microsoft.ML.Mrl;

/// <summary>Chooses a plan by sample queries.</summary>
internal static class FunnelTuner
{
    /// <summary>The fewest queries: half of them choose, half judge.</summary>
    public const int FewestQueries = 20;

    // Standard normal quantile of 95 %.
    private const double Quantile = 1.6448536269514722;

    public static FunnelTuning Tune(FunnelIndex index, ReadOnlySpan<float> queries, int k, double recall, int longestList)
    {
        int width = index.Dimensions, count = queries.Length / width;
        float[] chooser = Every(queries, width, 0), judge = Every(queries, width, 1);
        int rows = index.Count;
        FunnelLayout layout = index.Layout;
        int[][] ranks = Ranks(index, chooser, k, Math.Min(longestList, rows));
        FunnelStages chosen = FunnelStages.Exact(layout);
        long least = Cost(layout, chosen, rows);
        long full = least;
        for (int stage = 0; stage < layout.Count - 1; stage++)
        {
            if (Choose(layout, ranks, stage, k, count - (count / 2), recall, Lengths(k, Math.Min(longestList, rows)), rows) is { } stages && Cost(layout, stages, rows) < least)
            {
                chosen = stages;
                least = Cost(layout, stages, rows);
            }
        }
        double[] shares = Shares(index.Run(judge, chosen, k), index.Run(judge, FunnelStages.Exact(layout), k));
        double mean = shares.Average();
        return new FunnelTuning(new FunnelPlan(layout.Widths[chosen.Stage], chosen.Lists), k, recall, mean, Wilson(mean, shares.Length), shares.Length, least, full);
    }

    /// <summary>The bytes that a search reads: those of a scan, and for each row of a list whole cache lines, two of them for its lengths.</summary>
    public static long Cost(FunnelLayout layout, FunnelStages stages, int rows)
    {
        const int Line = 64, LengthLines = 2;
        long cost = (long)rows * layout.Widths[stages.Stage] * sizeof(float);
        for (int i = 0; i < stages.Lists.Length; i++)
        {
            int width = stages.Stage + 1 + i;
            long lines = LengthLines + (layout.Strides[width] / RowKernel.Lanes);
            if (i == stages.Lists.Length - 1 && stages.Stage > 0)
            {
                // Compared all over again: the columns of the first block each lie in a line of their own.
                lines = LengthLines + layout.Strides[0] + (layout.RestLength / RowKernel.Lanes);
            }
            cost += Math.Min(stages.Lists[i], rows) * lines * Line;
        }
        return cost;
    }

    /// <summary>The lower end of Wilson's one-sided interval (Wilson 1927) for a mean of values in [0, 1].</summary>
    public static double Wilson(double mean, int count)
    {
        double z2 = Quantile * Quantile;
        double center = mean + (z2 / (2 * count));
        double half = Quantile * Math.Sqrt(((mean * (1 - mean)) + (z2 / (4 * count))) / count);
        return Math.Max(0, (center - half) / (1 + (z2 / count)));
    }

    // Every other query, so that both halves see whatever order there is.
    private static float[] Every(ReadOnlySpan<float> queries, int width, int start)
    {
        var kept = new List<float>();
        for (int q = start; q < queries.Length / width; q += 2)
        {
            kept.AddRange(queries.Slice(q * width, width));
        }
        return [.. kept];
    }

    /// <summary>The rank of each of the k nearest rows of each query among all rows at each width but the last, [M - 1][Q · k]: from 1, or int.MaxValue beyond the longest list.</summary>
    private static int[][] Ranks(FunnelIndex index, float[] queries, int k, int longest)
    {
        FunnelLayout layout = index.Layout;
        FunnelHit[][] nearest = index.Run(queries, FunnelStages.Exact(layout), k);
        int most = nearest.Max(hits => hits.Length);
        var ranks = new int[layout.Count - 1][];
        for (int stage = 0; stage < ranks.Length; stage++)
        {
            ranks[stage] = new int[nearest.Length * most];
            Array.Fill(ranks[stage], int.MaxValue);
            FunnelHit[][] found = index.RunStage(queries, stage, longest);
            for (int q = 0; q < found.Length; q++)
            {
                var rankOf = new Dictionary<long, int>(found[q].Length);
                for (int i = 0; i < found[q].Length; i++)
                {
                    rankOf[found[q][i].Id] = i + 1;
                }
                for (int j = 0; j < nearest[q].Length; j++)
                {
                    ranks[stage][(q * most) + j] = rankOf.GetValueOrDefault(nearest[q][j].Id, int.MaxValue);
                }
            }
        }
        return ranks;
    }

    // The list lengths tried: from k up by steps of about a fifth of an octave.
    private static int[] Lengths(int k, int longest)
    {
        var lengths = new List<int>();
        for (double next = k; next < longest; next *= 1.15)
        {
            if (lengths.Count == 0 || (int)next > lengths[^1])
            {
                lengths.Add((int)next);
            }
        }
        lengths.Add(longest);
        return [.. lengths];
    }

    /// <summary>
    /// The cheapest lists found for a first width. A nearest row that ranks within every list at the width where the list is picked is kept for certain, for fewer rows can only improve its rank. Begins with
    /// the longest lists and shortens, again and again, the one that saves the most reading for each row lost, while the mean recall of the queries stays above the one wanted by its standard error.
    /// </summary>
    private static FunnelStages? Choose(FunnelLayout layout, int[][] ranks, int stage, int k, int queries, double recall, int[] lengths, int rows)
    {
        int selections = layout.Count - 1 - stage;
        int each = ranks[stage].Length / queries;
        var choice = new int[selections];
        Array.Fill(choice, lengths.Length - 1);
        if (!IsEnough(choice, out int kept))
        {
            return null;
        }
        while (true)
        {
            long cost = Cost(layout, Stages(choice), rows);
            int[]? best = null;
            double bestGain = 0;
            int bestKept = 0;
            for (int i = 0; i < selections; i++)
            {
                if (choice[i] == 0)
                {
                    continue;
                }
                var next = (int[])choice.Clone();
                next[i]--;
                for (int j = i + 1; j < selections; j++)
                {
                    next[j] = Math.Min(next[j], next[i]);
                }
                if (!IsEnough(next, out int nextKept))
                {
                    continue;
                }
                double gain = (cost - Cost(layout, Stages(next), rows)) / (kept - nextKept + 0.5);
                if (gain > bestGain)
                {
                    (best, bestGain, bestKept) = (next, gain, nextKept);
                }
            }
            if (best is null)
            {
                return Stages(choice);
            }
            (choice, kept) = (best, bestKept);
        }

        FunnelStages Stages(int[] c) => new(stage, Array.ConvertAll(c, i => lengths[i]));

        bool IsEnough(int[] c, out int total)
        {
            total = 0;
            double sum = 0, squares = 0;
            for (int q = 0; q < queries; q++)
            {
                int found = 0;
                for (int j = q * each; j < (q + 1) * each; j++)
                {
                    bool isKept = true;
                    for (int i = 0; i < selections && isKept; i++)
                    {
                        isKept = ranks[stage + i][j] <= lengths[c[i]];
                    }
                    found += isKept ? 1 : 0;
                }
                total += found;
                double share = (double)found / each;
                sum += share;
                squares += share * share;
            }
            double mean = sum / queries;
            double error = Math.Sqrt(Math.Max(0, (squares / queries) - (mean * mean)) / queries);
            return mean >= 1 || mean - error >= recall;
        }
    }

    private static double[] Shares(FunnelHit[][] found, FunnelHit[][] nearest)
    {
        var shares = new double[found.Length];
        for (int q = 0; q < found.Length; q++)
        {
            var ids = new HashSet<long>(found[q].Select(hit => hit.Id));
            shares[q] = nearest[q].Length == 0 ? 1 : (double)nearest[q].Count(hit => ids.Contains(hit.Id)) / nearest[q].Length;
        }
        return shares;
    }
}
