using Microsoft.ML.Mrl.Postgres.Tables;

namespace Microsoft.ML.Mrl;

public sealed partial class PostgresVectorTable<TId>
{
    private static readonly PostgresSearchOptions s_defaultSearch = new();

    /// <summary>Finds the rows that are nearest to a query, in one statement of two stages.</summary>
    /// <param name="query">The full query vector, of <see cref="PostgresVectorTableOptions.Dimensions"/> values.</param>
    /// <param name="top">
    /// The maximum number of rows to return, 1 to <see cref="PostgresSearchOptions.NumberOfCandidates"/>. The default is 10.
    /// </param>
    /// <param name="options">
    /// The number of candidates, the filter and the settings of the scan, or <see langword="null"/>, the default, for the default options.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>
    /// The rows, the best first; rows of equal score are ordered by id. There can be fewer than <paramref name="top"/> where a filter
    /// leaves fewer, see <see cref="PostgresSearchOptions.Filter"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The query has another number of values, or contains NaN or an infinity, or is zero in its prefix; the options are invalid; or the
    /// filter names a column that does not exist, compares a column with a value of another type, or is not accepted by PostgreSQL.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is out of range.</exception>
    /// <exception cref="NotSupportedException">The options ask for an iterative scan, and pgvector is older than 0.8.0.</exception>
    /// <exception cref="InvalidOperationException">The data source was built without <c>UseVector()</c>.</exception>
    /// <remarks>
    /// The first stage takes candidates from the index, by the cosine of the prefixes or by their bits; the second ranks them by the cosine
    /// of the full vectors. Two-stage search is described in Kusupati et al. 2022, arXiv:2205.13147, section 4.3.1 (adaptive retrieval).
    /// The first search that has a filter or an iterative scan also asks for the version of pgvector.
    /// </remarks>
    public Task<IReadOnlyList<VectorMatch<TId>>> SearchAsync(
        ReadOnlyMemory<float> query, int top = 10, PostgresSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= s_defaultSearch;
        Check(query, top, options);
        return _search.SearchAsync(query, top, options, cancellationToken);
    }

    /// <summary>Finds the rows that are nearest to a query by comparing the full vectors of all rows, without an index.</summary>
    /// <param name="query">The full query vector, of <see cref="PostgresVectorTableOptions.Dimensions"/> values.</param>
    /// <param name="top">The maximum number of rows to return, at least 1. The default is 10.</param>
    /// <param name="filter">The condition that rows must meet to be found, or <see langword="null"/>, the default, for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The rows, the best first; rows of equal score are ordered by id.</returns>
    /// <exception cref="ArgumentException">
    /// The query has another number of values, or contains NaN or an infinity, or is zero in its prefix; or the filter names a column that
    /// does not exist, compares a column with a value of another type, or is not accepted by PostgreSQL.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1.</exception>
    /// <exception cref="InvalidOperationException">The data source was built without <c>UseVector()</c>.</exception>
    /// <remarks>
    /// Its results are the truth by which the recall of <see cref="SearchAsync"/> is measured.
    /// </remarks>
    public Task<IReadOnlyList<VectorMatch<TId>>> SearchExactAsync(
        ReadOnlyMemory<float> query, int top = 10, SearchFilter? filter = null, CancellationToken cancellationToken = default)
    {
        CheckQuery(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        return _search.SearchExactAsync(query, top, filter, cancellationToken);
    }

    /// <summary>Returns PostgreSQL's plan for a search, without running it.</summary>
    /// <param name="query">The full query vector, of <see cref="PostgresVectorTableOptions.Dimensions"/> values.</param>
    /// <param name="top">The maximum number of rows to return, as for <see cref="SearchAsync"/>.</param>
    /// <param name="options">The options of the search, as for <see cref="SearchAsync"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lines of EXPLAIN.</returns>
    /// <exception cref="ArgumentException">An argument is invalid, as for <see cref="SearchAsync"/>.</exception>
    /// <exception cref="NotSupportedException">The options ask for an iterative scan, and pgvector is older than 0.8.0.</exception>
    /// <remarks>
    /// The plan contains <see cref="IndexName"/> if the index is used, or the names of the indexes of partitions. For a small table
    /// PostgreSQL prefers to read all rows.
    /// </remarks>
    public Task<string> ExplainSearchAsync(
        ReadOnlyMemory<float> query, int top = 10, PostgresSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= s_defaultSearch;
        Check(query, top, options);
        return _search.ExplainAsync(query, top, options, cancellationToken);
    }

    private void Check(ReadOnlyMemory<float> query, int top, PostgresSearchOptions options)
    {
        CheckQuery(query);
        options.Check(nameof(options));
        if (top < 1 || top > options.NumberOfCandidates)
        {
            throw new ArgumentOutOfRangeException(nameof(top), top,
                $"Cannot return {top} of {options.NumberOfCandidates} candidates. Choose 1..{options.NumberOfCandidates}, "
                + $"or more {nameof(options.NumberOfCandidates)}.");
        }
    }

    private void CheckQuery(ReadOnlyMemory<float> query)
    {
        if (query.Length != Options.Dimensions)
        {
            throw new ArgumentException(
                $"The query has {query.Length} values, but the table's vectors have {Options.Dimensions}. "
                + "Embed it as the rows were embedded.", nameof(query));
        }
        if (VectorValidation.Problem(query.Span, Options.ShortDimensions) is { } problem)
        {
            throw new ArgumentException($"The query {problem}.", nameof(query));
        }
    }
}
