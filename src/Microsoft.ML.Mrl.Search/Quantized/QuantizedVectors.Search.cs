using System.Globalization;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Search.Quantized;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

public sealed partial class QuantizedVectors
{
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
        return Run(prepared, top);
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
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        QuantizedQuery prepared = Prepare(query, 0);
        var best = new TopKeys(Math.Max(1, Math.Min(top, candidates.Count)));
        foreach (SearchHit candidate in candidates)
        {
            CheckRow(candidate.Id);
            var row = (int)candidate.Id;
            best.Add(ScoreKey.Of(prepared.Compare(Bytes(row)) * InverseLength(row), row));
        }
        return best.Hits(row => row);
    }

    private SearchHit[][] Run(QuantizedQuery[] queries, int top)
    {
        TopKeys[] found = ParallelScan.Run(queries.Length, Count, (_stride + sizeof(float) - 1) / sizeof(float), top,
            MaxDegreeOfParallelism, (firstQuery, firstRow, lastRow, lists) =>
            {
                // Queries share rows while these are in cache.
                for (int first = firstRow; first < lastRow; first += ParallelScan.RowsAtOnce)
                {
                    for (int q = 0; q < lists.Length; q++)
                    {
                        for (int row = first; row < Math.Min(first + ParallelScan.RowsAtOnce, lastRow); row++)
                        {
                            float score = Score(queries[firstQuery + q], row);
                            if (score >= lists[q].Least)
                            {
                                lists[q].Add(ScoreKey.Of(score, row));
                            }
                        }
                    }
                }
            });
        return Array.ConvertAll(found, own => own.Hits(row => row));
    }

    private float Score(QuantizedQuery query, int row)
        => Type == EmbeddingType.Binary ? query.CompareBits(Bytes(row)) : query.Compare(Bytes(row)) * _inverses[row];

    private float InverseLength(int row) => Type == EmbeddingType.Binary ? 1 : _inverses[row];

    private QuantizedQuery Prepare(ReadOnlySpan<float> query, int number) => new(query, Type, Dimensions, Ranges, number);
}
