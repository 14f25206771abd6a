using System.Globalization;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    // Below so many products a search stays on its thread.
    private const long WorkForThreads = 1 << 19;

    // Queries that share a panel of rows while it is in cache, and below how many of them each goes alone.
    private const int MostInStrip = 64;
    private const int FewestInStrip = 4;

    /// <summary>Finds the rows nearest to a query through the funnel.</summary>
    /// <param name="query">The query, <c>[D]</c>.</param>
    /// <param name="k">How many rows to find, at least 1 and not above the last list of the plan. Where the index has fewer, all of them are found.</param>
    /// <param name="plan">The plan to search by. Default: <see cref="Plan"/>.</param>
    /// <returns>At most k rows, nearest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1, or above the plan's last list.</exception>
    /// <exception cref="ArgumentException">The query has another width, a NaN or an infinity, or the plan does not fit the widths.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelHit[] Search(ReadOnlySpan<float> query, int k, FunnelPlan? plan = null)
    {
        CheckWidth(query, nameof(query));
        CheckFinite(query, nameof(query));
        return Run(query, StagesFor(k, plan), k)[0];
    }

    /// <summary>Finds the rows nearest to each of many queries through the funnel; the results are those of one by one.</summary>
    /// <param name="queries">The queries, row by row, <c>[Q, D]</c>.</param>
    /// <param name="k">How many rows to find, as for a single query.</param>
    /// <param name="plan">The plan to search by. Default: <see cref="Plan"/>.</param>
    /// <returns>For each query at most k rows, nearest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1, or above the plan's last list.</exception>
    /// <exception cref="ArgumentException">The values are not whole queries, one is a NaN or an infinity, or the plan does not fit the widths.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelHit[][] SearchMany(ReadOnlySpan<float> queries, int k, FunnelPlan? plan = null)
    {
        CheckQueries(queries, nameof(queries));
        return Run(queries, StagesFor(k, plan), k);
    }

    /// <summary>Finds the rows nearest to a query by comparing all of them at the full width.</summary>
    /// <param name="query">The query, <c>[D]</c>.</param>
    /// <param name="k">How many rows to find, at least 1. Where the index has fewer, all of them are found.</param>
    /// <returns>At most k rows, nearest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The query has another width, a NaN or an infinity.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelHit[] SearchExact(ReadOnlySpan<float> query, int k)
    {
        CheckWidth(query, nameof(query));
        CheckFinite(query, nameof(query));
        CheckResults(k);
        return Run(query, FunnelStages.Exact(Layout), k)[0];
    }

    /// <summary>Finds the rows nearest to each of many queries by comparing all rows at the full width.</summary>
    /// <param name="queries">The queries, row by row, <c>[Q, D]</c>.</param>
    /// <param name="k">How many rows to find, at least 1. Where the index has fewer, all of them are found.</param>
    /// <returns>For each query at most k rows, nearest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The values are not whole queries, or one is a NaN or an infinity.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelHit[][] SearchExactMany(ReadOnlySpan<float> queries, int k)
    {
        CheckQueries(queries, nameof(queries));
        CheckResults(k);
        return Run(queries, FunnelStages.Exact(Layout), k);
    }

    /// <summary>Searches queries that were checked.</summary>
    internal FunnelHit[][] Run(ReadOnlySpan<float> vectors, FunnelStages stages, int k)
    {
        FunnelSnapshot snapshot = Acquire();
        try
        {
            var queries = new FunnelQueries(vectors, Layout);
            var found = new FunnelHit[queries.Count][];
            int limit = stages.Lists.Length > 0 ? stages.Lists[0] : k;
            if (queries.Count < FewestInStrip)
            {
                for (int q = 0; q < queries.Count; q++)
                {
                    found[q] = RunOne(snapshot, queries, q, stages, limit, k);
                }
                return found;
            }
            int threads = MaxDegreeOfParallelism > 0 ? MaxDegreeOfParallelism : Environment.ProcessorCount;
            int share = (queries.Count + (2 * threads) - 1) / (2 * threads);
            int strip = Math.Clamp((share + PrefixDotProducts.TileQueries - 1) / PrefixDotProducts.TileQueries * PrefixDotProducts.TileQueries, PrefixDotProducts.TileQueries, MostInStrip);
            Parallel.For(0, (queries.Count + strip - 1) / strip, new ParallelOptions { MaxDegreeOfParallelism = MaxDegreeOfParallelism }, s =>
            {
                int first = s * strip, count = Math.Min(strip, queries.Count - first);
                ShortList[] lists = Lists(count, limit, snapshot.Count);
                try
                {
                    ScanStrip(snapshot, queries, first, stages.Stage, lists);
                    for (int i = 0; i < count; i++)
                    {
                        found[first + i] = FunnelRanking.Rank(snapshot, Layout, queries, first + i, lists[i].Best(), stages, k);
                    }
                }
                finally
                {
                    Array.ForEach(lists, list => list.Dispose());
                }
            });
            return found;
        }
        finally
        {
            snapshot.Release();
        }
    }

    private static ShortList[] Lists(int count, int limit, int rows)
    {
        var lists = new ShortList[count];
        for (int i = 0; i < count; i++)
        {
            lists[i] = new ShortList(limit, rows);
        }
        return lists;
    }

    private void ScanStrip(FunnelSnapshot snapshot, FunnelQueries queries, int first, int stage, ShortList[] lists)
    {
        int limit = lists[0].Limit, sampled = SampledFloor.SampleOf(limit, snapshot.Count);
        if (sampled > 0)
        {
            ShortList[] samples = Lists(lists.Length, sampled, snapshot.Count);
            FunnelScan.Many(snapshot, Layout, queries, first, stage, SampledFloor.Step, samples);
            for (int i = 0; i < lists.Length; i++)
            {
                lists[i].SetFloor(SampledFloor.Of(samples[i]));
                samples[i].Dispose();
            }
        }
        FunnelScan.Many(snapshot, Layout, queries, first, stage, 1, lists);
        for (int i = 0; sampled > 0 && i < lists.Length; i++)
        {
            if (lists[i].Count < limit)
            {
                lists[i].Restart();
                FunnelScan.Many(snapshot, Layout, queries, first + i, stage, 1, lists.AsSpan(i, 1));
            }
        }
    }

    private FunnelHit[] RunOne(FunnelSnapshot snapshot, FunnelQueries queries, int query, FunnelStages stages, int limit, int k)
    {
        using var list = new ShortList(limit, snapshot.Count);
        int panels = (int)(FunnelLayout.Rounded(snapshot.Count) / FunnelLayout.Panel);
        int threads = MaxDegreeOfParallelism > 0 ? Math.Min(MaxDegreeOfParallelism, Environment.ProcessorCount) : Environment.ProcessorCount;
        int parts = (long)snapshot.Count * Layout.Widths[stages.Stage] < WorkForThreads ? 1 : Math.Min(threads, panels);
        int sampled = SampledFloor.SampleOf(list.Limit, snapshot.Count);
        float? floor = null;
        if (sampled > 0)
        {
            using var sample = new ShortList(sampled, snapshot.Count);
            FunnelScan.One(snapshot, Layout, queries, query, stages.Stage, 0, panels, SampledFloor.Step, sample);
            floor = SampledFloor.Of(sample);
        }
        Scan(floor);
        if (floor is not null && list.Count < list.Limit)
        {
            list.Restart();
            Scan(null);
        }
        return FunnelRanking.Rank(snapshot, Layout, queries, query, list.Best(), stages, k);

        void Scan(float? above)
        {
            if (parts <= 1)
            {
                list.SetFloor(above);
                FunnelScan.One(snapshot, Layout, queries, query, stages.Stage, 0, panels, 1, list);
                return;
            }
            ShortList[] lists = Lists(parts, limit, snapshot.Count);
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
            {
                lists[part].SetFloor(above);
                FunnelScan.One(
                    snapshot, Layout, queries, query, stages.Stage, (int)((long)panels * part / parts), (int)((long)panels * (part + 1) / parts), 1, lists[part]);
            });
            foreach (ShortList part in lists)
            {
                list.Accept(part.Best());
                part.Dispose();
            }
        }
    }

    private FunnelStages StagesFor(int k, FunnelPlan? plan)
    {
        CheckResults(k);
        plan ??= Plan;
        if (plan is null)
        {
            return FunnelStages.Default(Layout, k);
        }
        FunnelStages stages = FunnelStages.Resolve(plan, Layout, Widths, nameof(plan));
        return stages.Lists.Length == 0 || k <= stages.Lists[^1]
            ? stages
            : throw new ArgumentOutOfRangeException(
                nameof(k), k, $"Cannot find {k} rows: the plan {plan} compares {stages.Lists[^1]} at the full width. Ask for fewer, or search by a plan with longer lists.");
    }

    private static void CheckResults(int k)
    {
        if (k < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(k), k, $"Cannot find {k} rows. Ask for 1 or more.");
        }
    }

    private void CheckQueries(ReadOnlySpan<float> queries, string parameterName)
    {
        if (queries.Length % Dimensions != 0)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{queries.Length} values are not whole queries. Give {Dimensions} values for each."), parameterName);
        }
        CheckFinite(queries, parameterName);
    }
}
