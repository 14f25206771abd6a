using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of a search in a <see cref="PostgresVectorTable{TId}"/>.</summary>
/// <remarks>The search validates the options and reports everything that is wrong at once.</remarks>
public sealed class PostgresSearchOptions
{
    internal const int MaxCandidates = 1000;

    /// <summary>
    /// Gets the number of candidates that are found by the prefix and ranked by the full vectors, 1 to 1,000, and at least as many as are
    /// returned. The default is 100.
    /// </summary>
    /// <remarks>The search sets <c>hnsw.ef_search</c> to it for its own statement, or to 40 if that is more.</remarks>
    public int NumberOfCandidates { get; init; } = 100;

    /// <summary>Gets the condition that rows must meet to be found, or <see langword="null"/>, the default, for none.</summary>
    /// <remarks>
    /// The index does not know the filter: it returns the nearest rows, and those that do not pass are dropped afterwards. If one row in
    /// ten passes, about 10 of 100 candidates are left, and the search may return fewer rows than there are. With an
    /// <see cref="IterativeScan"/> the index is scanned on until there are enough. If few rows pass, an index on the columns of the filter
    /// (<c>CREATE INDEX ON documents ("Year")</c>) and ANALYZE let PostgreSQL select those rows first and compare all of them.
    /// </remarks>
    public SearchFilter? Filter { get; init; }

    /// <summary>
    /// Gets a value indicating whether the index is scanned further where a filter leaves too few candidates. The default is
    /// <see cref="IterativeScan.Automatic"/>.
    /// </summary>
    public IterativeScan IterativeScan { get; init; }

    /// <summary>
    /// Gets the number of rows after which an iterative scan stops, at least 1 (pgvector's <c>hnsw.max_scan_tuples</c>), or
    /// <see langword="null"/>, the default, for the server's setting, which is 20,000 unless changed. A scan may stop earlier for lack of
    /// memory (<c>work_mem</c>).
    /// </summary>
    public int? MaxScanTuples { get; init; }

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(string parameterName) => OptionProblems.ThrowIfAny(Problems(), nameof(PostgresSearchOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (NumberOfCandidates is < 1 or > MaxCandidates)
        {
            yield return $"{nameof(NumberOfCandidates)} is {NumberOfCandidates}; pgvector's hnsw.ef_search goes up to {MaxCandidates}, "
                + $"choose 1..{MaxCandidates}.";
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
            yield return $"{nameof(MaxScanTuples)} is {MaxScanTuples}, but {nameof(IterativeScan)} is {IterativeScan}; "
                + "leave one of them out.";
        }
    }
}
