using System.Globalization;
using Microsoft.ML.Mrl.Search.Quantized;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

public sealed partial class QuantizedVectors
{
    // What goes to a thread at least, in bytes of rows that are compared.
    private const long BytesForThreads = 1 << 20;

    private const int RowsAtOnce = PrefixDotProducts.PanelDocuments;

    // Queries that share rows while these are in cache.
    private const int MostInStrip = 16;

    /// <summary>The most threads of one call; -1 (default) for no limit. The results do not depend on it.</summary>
    internal int MaxDegreeOfParallelism
    {
        get;
        set => field = ThreadLimits.Check(value, "search with");
    }
    = -1;

    /// <summary>The rows most like a query, the most alike first.</summary>
    /// <param name="query">The query, <c>[m]</c> or wider, finite. One of zeros is like nothing: all scores are 0, but among bits those of
    /// a query of −1.</param>
    /// <param name="top">How many, at least 1; all where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The query is too short, or has a NaN or an infinity.</exception>
    public SearchHit[] Search(ReadOnlySpan<float> query, int top)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        return Run([Prepare(query, 0)], top)[0];
    }

    /// <summary>The rows most like each of many queries; the results are those of one by one.</summary>
    /// <param name="queries">The queries, row by row, <c>[Q, width]</c>, finite; there may be none.</param>
    /// <param name="top">How many rows to find, as for a single query.</param>
    /// <param name="dimensions">The values of a query, m or more. Default <see langword="null"/>: m.</param>
    /// <returns>For each query at most top rows, the most alike first.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1, or the dimensions below m.</exception>
    /// <exception cref="ArgumentException">The values are not whole queries, or one is a NaN or an infinity.</exception>
    public SearchHit[][] SearchMany(ReadOnlySpan<float> queries, int top, int? dimensions = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        return Run(Prepare(queries, dimensions), top);
    }

    /// <summary>Ranks some of the rows anew by the query in single precision.</summary>
    /// <param name="query">The query, <c>[m]</c> or wider, finite.</param>
    /// <param name="candidates">Rows that another search found, none named twice; their scores are not looked at.</param>
    /// <param name="top">How many to keep, at least 1; all where there are fewer.</param>
    /// <exception cref="ArgumentNullException"><paramref name="candidates"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1, or there is no such row.</exception>
    /// <exception cref="ArgumentException">The query is too short, or has a NaN or an infinity.</exception>
    public SearchHit[] Rescore(ReadOnlySpan<float> query, IReadOnlyList<SearchHit> candidates, int top)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        CheckRows(candidates);
        return Rank(Prepare(query, 0), candidates, top);
    }

    /// <summary>Ranks some of the rows anew by each of many queries; the results are those of one by one.</summary>
    /// <param name="queries">The queries, row by row, <c>[Q, width]</c>, finite; there may be none.</param>
    /// <param name="candidates">For each query rows that another search found, none named twice.</param>
    /// <param name="top">How many to keep, as for a single query.</param>
    /// <param name="dimensions">The values of a query, m or more. Default <see langword="null"/>: m.</param>
    /// <returns>For each query at most top rows, the most alike first.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="candidates"/>, or those of a query, are <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1, the dimensions is below m, or there is no such
    /// row.</exception>
    /// <exception cref="ArgumentException">The values are not whole queries, one is a NaN or an infinity, or there are not candidates for
    /// each query.</exception>
    public SearchHit[][] RescoreMany(ReadOnlySpan<float> queries, IReadOnlyList<IReadOnlyList<SearchHit>> candidates, int top,
        int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        QuantizedQuery[] prepared = Prepare(queries, dimensions);
        if (candidates.Count != prepared.Length)
        {
            throw new ArgumentException($"There are candidates for {candidates.Count} queries, and {prepared.Length} queries. Give some " +
                "for each, or none.", nameof(candidates));
        }
        foreach (IReadOnlyList<SearchHit> own in candidates)
        {
            CheckRows(own);
        }
        var ranked = new SearchHit[prepared.Length][];
        Parallel.For(0, ranked.Length, new ParallelOptions { MaxDegreeOfParallelism = MaxDegreeOfParallelism },
            q => ranked[q] = Rank(prepared[q], candidates[q], top));
        return ranked;
    }

    private SearchHit[] Rank(QuantizedQuery query, IReadOnlyList<SearchHit> candidates, int top)
    {
        var scored = new SearchHit[candidates.Count];
        for (int i = 0; i < scored.Length; i++)
        {
            int row = (int)candidates[i].Id;
            scored[i] = new SearchHit(row, query.Compare(Bytes(row)) * (Type == EmbeddingType.Binary ? 1 : _inverses[row]));
        }
        Array.Sort(scored, static (x, y) => x.Score != y.Score ? y.Score.CompareTo(x.Score) : x.Id.CompareTo(y.Id));
        return scored.Length > top ? scored[..top] : scored;
    }

    /// <summary>Strips of queries go over parts of the rows, which are as many as there are threads without a strip.</summary>
    private SearchHit[][] Run(QuantizedQuery[] queries, int top)
    {
        var ranked = new SearchHit[queries.Length][];
        if (Count == 0 || queries.Length == 0)
        {
            Array.Fill(ranked, []);
            return ranked;
        }
        int limit = Math.Min(top, Count), blocks = (Count + RowsAtOnce - 1) / RowsAtOnce;
        int most = MaxDegreeOfParallelism > 0 ? Math.Min(MaxDegreeOfParallelism, Environment.ProcessorCount) : Environment.ProcessorCount;
        int threads = (int)Math.Clamp((long)Count * _stride * queries.Length / BytesForThreads, 1, most);
        int strip = Math.Clamp((queries.Length + threads - 1) / threads, 1, MostInStrip), strips = (queries.Length + strip - 1) / strip;
        int parts = Math.Min(blocks, Math.Max(1, threads / strips));
        var found = new TopNeighbors[strips * parts];
        Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, job =>
        {
            (int s, int part) = Math.DivRem(job, parts);
            int firstRow = (int)((long)blocks * part / parts) * RowsAtOnce,
                lastRow = Math.Min((int)((long)blocks * (part + 1) / parts) * RowsAtOnce, Count);
            found[job] = Scan(queries.AsSpan(s * strip, Math.Min(strip, queries.Length - (s * strip))), firstRow, lastRow, limit);
        });
        for (int q = 0; q < queries.Length; q++)
        {
            (int s, int position) = Math.DivRem(q, strip);
            ranked[q] = Ranked(found.AsSpan(s * parts, parts), position, limit);
        }
        return ranked;
    }

    private TopNeighbors Scan(ReadOnlySpan<QuantizedQuery> queries, int firstRow, int lastRow, int limit)
    {
        var found = new TopNeighbors(1, queries.Length, limit);
        Span<float> scores = stackalloc float[RowsAtOnce];
        for (int first = firstRow; first < lastRow; first += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, lastRow - first);
            for (int q = 0; q < queries.Length; q++)
            {
                for (int i = 0; i < rows; i++)
                {
                    scores[i] = Type == EmbeddingType.Binary ? queries[q].CompareBits(Bytes(first + i))
                        : queries[q].Compare(Bytes(first + i)) * _inverses[first + i];
                }
                scores[rows..].Clear();
                found.AcceptRow(0, q, first, rows, scores);
            }
        }
        return found;
    }

    private static SearchHit[] Ranked(ReadOnlySpan<TopNeighbors> parts, int query, int limit)
    {
        var rows = new int[limit];
        var scores = new float[limit];
        var ranked = new List<SearchHit>(limit);
        foreach (TopNeighbors part in parts)
        {
            int count = part.Ranked(0, query, rows, scores);
            for (int i = 0; i < count; i++)
            {
                ranked.Add(new SearchHit(rows[i], scores[i]));
            }
        }
        if (parts.Length > 1)
        {
            ranked.Sort(static (x, y) => ScoreKey.Of(y.Score, (int)y.Id).CompareTo(ScoreKey.Of(x.Score, (int)x.Id)));
        }
        return ranked.Count > limit ? [.. ranked[..limit]] : [.. ranked];
    }

    private QuantizedQuery[] Prepare(ReadOnlySpan<float> queries, int? dimensions)
    {
        int values = dimensions ?? Dimensions;
        if (values < Dimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                $"The queries have {values} values, and the vectors {Dimensions}. Give queries of at least as many.");
        }
        if (queries.Length % values != 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{queries.Length} values are not whole queries of {values}. Say how wide a query is."), nameof(queries));
        }
        var prepared = new QuantizedQuery[queries.Length / values];
        for (int q = 0; q < prepared.Length; q++)
        {
            prepared[q] = Prepare(queries.Slice(q * values, values), q);
        }
        return prepared;
    }

    private QuantizedQuery Prepare(ReadOnlySpan<float> query, int number) => new(query, Type, Dimensions, Ranges, number);

    private void CheckRows(IReadOnlyList<SearchHit> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        for (int i = 0; i < candidates.Count; i++)
        {
            CheckRow(candidates[i].Id);
        }
    }
}
