using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl;

/// <summary>What a search returns, of which rows, and how hard it looks. All that is wrong with it is reported at once.</summary>
public sealed record VectorSearchOptions
{
    /// <summary>How many rows to return, 1..<see cref="ShortList"/>. Default 10.</summary>
    public int Count { get; init; } = 10;

    /// <summary>How many rows the first stage takes, 1..1,000. Default 100.</summary>
    public int ShortList { get; init; } = 100;

    /// <summary>The rows that may be found; <see langword="null"/> (default) for all.</summary>
    /// <remarks>
    /// The index knows nothing of it: it gives the nearest <see cref="ShortList"/> rows, or 40 if that is more, and those that do not fit are left out afterwards. One row in ten fits: then of 100 about ten are
    /// left, and the search may return fewer rows than there are. With <see cref="IterativeScan"/> the index is asked for more until the short list is full. Where few rows fit, an index on the
    /// filter's columns (<c>CREATE INDEX ON documents ("Year")</c>) and ANALYZE let PostgreSQL pick those first and compare them all.
    /// </remarks>
    public SearchFilter? Filter { get; init; }

    /// <summary>Whether the index is asked for more rows where a filter leaves too few. Default <see cref="IterativeScan.Automatic"/>.</summary>
    public IterativeScan IterativeScan { get; init; }

    /// <summary>Where an iterative scan gives up: rows it visits, at least 1, as pgvector's <c>hnsw.max_scan_tuples</c>; <see langword="null"/> (default) for the server's, 20,000 unless set. Memory may end it earlier (<c>work_mem</c>).</summary>
    public int? MaxScanTuples { get; init; }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName, int longestShortList)
        => OptionProblems.ThrowIfAny(Problems(longestShortList), nameof(VectorSearchOptions), parameterName);

    private IEnumerable<string> Problems(int longestShortList)
    {
        if (ShortList < 1 || ShortList > longestShortList)
        {
            yield return $"{nameof(ShortList)} is {ShortList}; pgvector's hnsw.ef_search goes up to {longestShortList}, choose 1..{longestShortList}.";
        }
        if (Count < 1 || Count > ShortList)
        {
            yield return $"{nameof(Count)} is {Count} of a short list of {ShortList}; choose 1..{ShortList}.";
        }
        if (!Enum.IsDefined(IterativeScan))
        {
            yield return $"{nameof(IterativeScan)} is {IterativeScan}; choose one of {string.Join(", ", Enum.GetNames<IterativeScan>())}.";
        }
        if (MaxScanTuples < 1)
        {
            yield return $"{nameof(MaxScanTuples)} is {MaxScanTuples}; choose 1 or more.";
        }
        if (MaxScanTuples is not null && IterativeScan == IterativeScan.Off)
        {
            yield return $"{nameof(MaxScanTuples)} is {MaxScanTuples}, but {nameof(IterativeScan)} is {IterativeScan}; leave one of them out.";
        }
    }
}
