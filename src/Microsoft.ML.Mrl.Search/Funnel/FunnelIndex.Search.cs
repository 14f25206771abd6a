using System.Globalization;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    // Below so many products a search stays on its thread.
    private const long WorkForThreads = 1 << 19;

    /// <summary>Finds the rows nearest to a query through the funnel.</summary>
    /// <param name="query">The query, <c>[D]</c>.</param>
    /// <param name="k">How many rows to find, at least 1 and not above the last list of the plan. Where the index has fewer, all of them are found.</param>
    /// <param name="plan">The plan to search by. Default: <see cref="Plan"/>.</param>
    /// <returns>At most k rows, nearest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1, or above the plan's last list.</exception>
    /// <exception cref="ArgumentException">The query has another width, a NaN or an infinity, or the plan does not fit the widths.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public SearchHit[] Search(ReadOnlySpan<float> query, int k, FunnelPlan? plan = null)
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
    public SearchHit[][] SearchMany(ReadOnlySpan<float> queries, int k, FunnelPlan? plan = null)
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
    public SearchHit[] SearchExact(ReadOnlySpan<float> query, int k)
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
    public SearchHit[][] SearchExactMany(ReadOnlySpan<float> queries, int k)
    {
        CheckQueries(queries, nameof(queries));
        CheckResults(k);
        return Run(queries, FunnelStages.Exact(Layout), k);
    }

    /// <summary>Searches queries that were checked.</summary>
    internal unsafe SearchHit[][] Run(ReadOnlySpan<float> vectors, FunnelStages stages, int k)
    {
        FunnelSnapshot snapshot = Acquire();
        try
        {
            int queries = vectors.Length / Dimensions;
            var found = new SearchHit[queries][];
            int threads = MaxDegreeOfParallelism > 0 ? MaxDegreeOfParallelism : Environment.ProcessorCount;
            int strip = StripOf(queries, threads), strips = (queries + strip - 1) / strip;
            bool isOneByOne = strip == 1;
            // Threads that have no strip of their own share the rows of one.
            int parts = isOneByOne ? Math.Min(threads, Environment.ProcessorCount) : threads / Math.Max(strips, 1);
            parts = (long)snapshot.Count * Layout.Widths[stages.Stage] * strip < WorkForThreads ? 1 : Math.Max(parts, 1);
            fixed (float* start = vectors)
            {
                nint address = (nint)start;
                Parallel.For(0, strips, new ParallelOptions { MaxDegreeOfParallelism = isOneByOne ? 1 : MaxDegreeOfParallelism }, s =>
                {
                    int first = s * strip, count = Math.Min(strip, queries - first);
                    var own = new ReadOnlySpan<float>((float*)address + ((nint)first * Dimensions), count * Dimensions);
                    RunStrip(snapshot, own, stages, k, parts, found.AsSpan(first, count));
                });
            }
            return found;
        }
        finally
        {
            snapshot.Release();
        }
    }

    // How many queries share a panel of rows while it is in cache.
    private static int StripOf(int queries, int threads)
    {
        const int Most = 64, Tile = PrefixDotProducts.TileQueries;
        if (queries < ListScan.FewestInTile)
        {
            return 1;
        }
        int share = (int)((queries + (2L * threads) - 1) / (2L * threads));
        return Math.Clamp((share + Tile - 1) / Tile * Tile, Tile, Most);
    }

    private void RunStrip(FunnelSnapshot snapshot, ReadOnlySpan<float> vectors, FunnelStages stages, int k, int parts, Span<SearchHit[]> found)
    {
        using var queries = new FunnelQueries(vectors, Layout);
        ShortList[] lists = ShortList.Several(found.Length, stages.Lists.Length > 0 ? stages.Lists[0] : k, snapshot.Count);
        try
        {
            ListScan.Fill(snapshot, Layout, queries, stages.Stage, lists, parts);
            FunnelRanking.Rank(snapshot, Layout, queries, lists, stages, k, found);
        }
        finally
        {
            Array.ForEach(lists, list => list.Dispose());
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
