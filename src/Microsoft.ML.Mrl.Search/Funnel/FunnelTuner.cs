using Microsoft.ML.Mrl.Search.Quantized;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Chooses a plan by sample queries.</summary>
internal static class FunnelTuner
{
    /// <summary>The fewest queries: half of them choose, half judge.</summary>
    public const int FewestQueries = 20;

    // What a line of memory far from the last one costs against the next of a scan: estimates from a profile of one machine, not fitted. Alone a scan waits for memory, together it shares it and is bound by arithmetic.
    private const int ListLineAlone = 8;
    private const int ListLineTogether = 48;

    // The most judging queries that are worth saying: a million sample queries.
    private const int MostJudges = 500_000;

    // What a plan of the row may lose of the choosing queries' nearest rows, as a part of what is allowed.
    private static readonly double[] Allowances = [0, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.75];

    public static FunnelTuning Tune(FunnelIndex index, ReadOnlySpan<float> queries, FunnelTuningOptions options)
    {
        int width = index.Dimensions, rows = index.Count, k = options.K, longest = Math.Min(options.LongestList, rows);
        float[] chooser = Every(queries, width, 0), judge = Every(queries, width, 1);
        FunnelLayout layout = index.Layout;
        int[][] ranks = Ranks(index, chooser, k, longest);
        FunnelStages full = FunnelStages.Exact(layout);
        SearchHit[][] nearest = index.Run(judge, full, k);
        int[] order = [.. Enumerable.Range(0, nearest.Length)];
        new Random(options.Seed).Shuffle(order);

        (FunnelStages Stages, double[] Shares)? sure = null;
        foreach (double allowance in Allowances)
        {
            FunnelStages next = Cheapest((mean, _) => mean >= 1 - (allowance * (1 - options.Recall)) - 1e-12);
            if (!Judge(next))
            {
                break;
            }
        }
        FunnelStages byMean = Cheapest((mean, error) => mean >= 1 || mean - error >= options.Recall);
        bool isLast = sure is null || Judge(byMean);
        FunnelStages chosen = isLast ? byMean : sure!.Value.Stages;
        double[] shares = isLast ? Shares(chosen) : sure!.Value.Shares;
        double low = Bound(chosen, shares);
        return new FunnelTuning(
            new FunnelPlan(layout.Widths[chosen.Stage], chosen.Lists), options, shares.Average(), low, shares.Length,
            low >= options.Recall ? 0 : MoreQueries(shares, options), Cost(layout, chosen, rows), Cost(layout, full, rows));

        FunnelStages Cheapest(Func<double, double, bool> isEnough)
        {
            int weight = options.Load == FunnelLoad.Together ? ListLineTogether : ListLineAlone;
            FunnelStages cheapest = full;
            long least = Cost(layout, full, rows, weight);
            int[] lengths = Lengths(k, longest);
            for (int stage = 0; stage < layout.Count - 1; stage++)
            {
                if (Choose(layout, ranks, stage, chooser.Length / width, isEnough, lengths, rows, weight) is { } stages && Cost(layout, stages, rows, weight) < least)
                {
                    cheapest = stages;
                    least = Cost(layout, stages, rows, weight);
                }
            }
            return cheapest;
        }

        double[] Shares(FunnelStages stages)
        {
            double[] values = FunnelTuner.Shares(index.Run(judge, stages, k), nearest);
            return Array.ConvertAll(order, q => values[q]);
        }

        bool Judge(FunnelStages stages)
        {
            if (sure is { } before && before.Stages.Stage == stages.Stage && before.Stages.Lists.AsSpan().SequenceEqual(stages.Lists))
            {
                return true;
            }
            double[] values = Shares(stages);
            bool isSure = Bound(stages, values) >= options.Recall;
            sure = isSure ? (stages, values) : sure;
            return isSure;
        }

        double Bound(FunnelStages stages, double[] values) => stages.Lists.Length == 0 ? 1 : BettingBound.Lower(values, options.Confidence);
    }

    /// <summary>About how many more sample queries would be needed if they were like these.</summary>
    public static int? MoreQueries(double[] shares, FunnelTuningOptions options)
    {
        if (shares.Average() <= options.Recall)
        {
            return null;
        }
        int low = shares.Length, high = low;
        do
        {
            if (high >= MostJudges)
            {
                return null;
            }
            low = high;
            high = (int)Math.Min(2L * high, MostJudges);
        }
        while (!IsEnough(high));
        while (high - low > Math.Max(1, low / 50))
        {
            int middle = low + ((high - low) / 2);
            (low, high) = IsEnough(middle) ? (low, middle) : (middle, high);
        }
        return 2 * (high - shares.Length);

        bool IsEnough(int count)
        {
            var repeated = new double[count];
            for (int i = 0; i < count; i++)
            {
                repeated[i] = shares[i % shares.Length];
            }
            return BettingBound.Lower(repeated, options.Confidence) >= options.Recall;
        }
    }

    /// <summary>The bytes that a search reads: those of a scan, and for each row of a list whole cache lines, two of them for its lengths.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="stages">The plan.</param>
    /// <param name="rows">The rows of the index.</param>
    /// <param name="weight">What a line of a list counts against one of a scan.</param>
    public static long Cost(FunnelLayout layout, FunnelStages stages, int rows, int weight = 1)
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
            cost += Math.Min(stages.Lists[i], rows) * lines * Line * weight;
        }
        return cost;
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
        SearchHit[][] nearest = index.Run(queries, FunnelStages.Exact(layout), k);
        int most = nearest.Max(hits => hits.Length);
        var ranks = new int[layout.Count - 1][];
        for (int stage = 0; stage < ranks.Length; stage++)
        {
            ranks[stage] = new int[nearest.Length * most];
            Array.Fill(ranks[stage], int.MaxValue);
            SearchHit[][] found = index.RunStage(queries, stage, longest);
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
    /// the longest lists and shortens, again and again, the one that saves the most reading for each row lost, while the mean recall of the queries, and its standard error, are enough.
    /// </summary>
    private static FunnelStages? Choose(FunnelLayout layout, int[][] ranks, int stage, int queries, Func<double, double, bool> isEnough, int[] lengths, int rows, int weight)
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
            long cost = Cost(layout, Stages(choice), rows, weight);
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
                double gain = (cost - Cost(layout, Stages(next), rows, weight)) / (kept - nextKept + 0.5);
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
            return isEnough(mean, error);
        }
    }

    private static double[] Shares(SearchHit[][] found, SearchHit[][] nearest)
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
