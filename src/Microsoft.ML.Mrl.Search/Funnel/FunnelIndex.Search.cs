using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>Finds the rows nearest to a query by the index's plan.</summary>
    /// <param name="query">The query, <c>[D]</c>.</param>
    /// <param name="top">The number of rows to find, at least 1. Where fewer are there, all of them are found.</param>
    /// <param name="filter">
    /// Determines by its id whether a row may be found. Default <see langword="null"/>: every row may. Where few rows pass, all rows are
    /// compared, so that a filter costs no recall. It is called by several threads.
    /// </param>
    /// <returns>At most <paramref name="top"/> rows, nearest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The query has another width, a NaN or an infinity.</exception>
    /// <exception cref="InvalidDataException">The file of an opened index was changed.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public SearchHit[] Search(ReadOnlySpan<float> query, int top, Func<long, bool>? filter = null)
    {
        CheckWidth(query, nameof(query));
        return SearchMany(query, top, filter)[0];
    }

    /// <summary>Finds the rows nearest to each of many queries, on all cores; the results are those of one by one.</summary>
    /// <param name="queries">The queries, row by row, <c>[Q, D]</c>.</param>
    /// <param name="top">The number of rows to find, as for a single query.</param>
    /// <param name="filter">Determines by its id whether a row may be found, as for a single query.</param>
    /// <returns>For each query at most <paramref name="top"/> rows, nearest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The values are not whole queries, or one is a NaN or an infinity.</exception>
    /// <exception cref="InvalidDataException">The file of an opened index was changed.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public SearchHit[][] SearchMany(ReadOnlySpan<float> queries, int top, Func<long, bool>? filter = null)
    {
        CheckQueries(queries, nameof(queries));
        CheckTop(top);
        return Run(queries, top, null, filter);
    }

    /// <summary>Finds the rows nearest to a query by comparing all of them at the full width.</summary>
    /// <inheritdoc cref="Search" path="/param|/returns|/exception"/>
    public SearchHit[] SearchExact(ReadOnlySpan<float> query, int top, Func<long, bool>? filter = null)
    {
        CheckWidth(query, nameof(query));
        return SearchExactMany(query, top, filter)[0];
    }

    /// <summary>Finds the rows nearest to each of many queries by comparing all rows at the full width.</summary>
    /// <inheritdoc cref="SearchMany" path="/param|/returns|/exception"/>
    public SearchHit[][] SearchExactMany(ReadOnlySpan<float> queries, int top, Func<long, bool>? filter = null)
    {
        CheckQueries(queries, nameof(queries));
        CheckTop(top);
        return Run(queries, top, FunnelPlan.Exact, filter);
    }

    /// <exception cref="ArgumentException">The values are not whole queries, or one is a NaN or an infinity.</exception>
    private void CheckQueries(ReadOnlySpan<float> queries, string parameterName)
    {
        if (queries.Length % Dimensions != 0)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture,
                    $"{queries.Length} values are not whole queries. Give {Dimensions} values for each."), parameterName);
        }
        CheckFinite(queries, parameterName);
    }

    private SearchHit[][] Run(ReadOnlySpan<float> queries, int top, FunnelPlan? plan, Func<long, bool>? filter)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            FunnelSnapshot snapshot = Volatile.Read(ref _snapshot);
            try
            {
                return Run(snapshot, queries, top, plan ?? snapshot.Plan, filter);
            }
            catch (Exception e)
            {
                Exception cause = e is AggregateException { InnerException: { } inner } ? inner : e;
                // Otherwise the graph made way for another one meanwhile.
                if (cause is not ObjectDisposedException || _disposed || snapshot == Volatile.Read(ref _snapshot))
                {
                    ExceptionDispatchInfo.Throw(cause);
                }
            }
        }
    }

    /// <summary>Searches some rows by a plan whose graph they have.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="top">How many rows to find.</param>
    /// <param name="plan">The plan; null for the default.</param>
    /// <param name="filter">Which ids may be found; null for all.</param>
    internal unsafe SearchHit[][] Run(FunnelSnapshot snapshot, ReadOnlySpan<float> queries, int top, FunnelPlan? plan,
        Func<long, bool>? filter)
    {
        int width = Dimensions, count = queries.Length / width;
        var found = new SearchHit[count][];
        if (snapshot.Graph is not null && plan?.IsExact != true)
        {
            plan ??= DefaultPlan(int.MaxValue, top);
            fixed (float* start = queries)
            {
                nint address = (nint)start;
                SharedWork.Run(0, count, MaxDegreeOfParallelism, () =>
                {
                    var search = new GraphSearch(snapshot, plan, top, filter);
                    return q => found[q] = search.Run(new ReadOnlySpan<float>((float*)address + ((nint)q * width), width))!;
                });
            }
        }
        int[] rest = [.. Enumerable.Range(0, count).Where(q => found[q] is null)];
        if (rest.Length > 0)
        {
            var own = new float[rest.Length * width];
            for (int i = 0; i < rest.Length; i++)
            {
                queries.Slice(rest[i] * width, width).CopyTo(own.AsSpan(i * width));
            }
            TopKeys[] best = ExactSearch.Run(snapshot, own, top, filter, MaxDegreeOfParallelism);
            for (int i = 0; i < rest.Length; i++)
            {
                found[rest[i]] = best[i].Hits(snapshot.Rows.IdOf);
            }
        }
        return found;
    }

    private static void CheckTop(int top)
    {
        if (top < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(top), top, $"Cannot find {top} rows. Ask for 1 or more.");
        }
    }
}
