using System.Globalization;
using Microsoft.ML.Mrl.Postgres.Loading;
using Microsoft.ML.Mrl.Postgres.Search;
using Microsoft.ML.Mrl.Postgres.Tables;
using Microsoft.ML.Mrl.Search.Funnel;
using Npgsql;
using Pgvector;

namespace Microsoft.ML.Mrl;

/// <summary>
/// A PostgreSQL table of Matryoshka embeddings: full vectors, an HNSW index on their prefix, loads that go on where they were stopped, and a search that finds by the prefix and ranks by all values.
/// </summary>
/// <typeparam name="TId">The type of ids: <see cref="long"/> (column <c>bigint</c>) or <see cref="string"/> (column <c>text</c>).</typeparam>
/// <remarks>
/// Needs PostgreSQL 15 or later with pgvector 0.7.0 or later on the search path, and a data source built with Pgvector's <c>UseVector()</c>. Safe for concurrent use, as the data source is. Vectors are kept as
/// they come, or rounded where <see cref="PostgresVectorTableOptions.EmbeddingColumnType"/> says so; scores are cosines, so their length does not matter. <see cref="OperationCanceledException"/> is thrown where a token is cancelled, <see cref="NpgsqlException"/> where the server or the connection fails.
/// </remarks>
public sealed class PostgresVectorTable<TId>
    where TId : notnull
{
    /// <summary>The longest short list: pgvector's <c>hnsw.ef_search</c> goes no further.</summary>
    public const int LongestShortList = 1000;

    private const int DefaultEfSearch = 40;

    /// <summary>What PostgreSQL says of SQL that makes no sense, which only a filter can bring in.</summary>
    private static readonly string[] s_wrongFilter =
    [
        PostgresErrorCodes.SyntaxError, PostgresErrorCodes.UndefinedColumn, PostgresErrorCodes.UndefinedFunction, PostgresErrorCodes.DatatypeMismatch, PostgresErrorCodes.UndefinedParameter,
        PostgresErrorCodes.IndeterminateDatatype, PostgresErrorCodes.AmbiguousColumn, PostgresErrorCodes.GroupingError, PostgresErrorCodes.WrongObjectType,
    ];

    private readonly NpgsqlDataSource _dataSource;
    private readonly IdKind<TId> _ids = IdKind<TId>.Create();
    private readonly VectorTableSql _sql;
    private volatile string? _pgvector;

    /// <summary>Names a table; nothing is asked of the server yet.</summary>
    /// <param name="dataSource">Opens connections; it stays the caller's to dispose.</param>
    /// <param name="options">Names and sizes.</param>
    /// <exception cref="ArgumentException">The options do not make sense: a name that PostgreSQL cannot keep, or sizes beyond what pgvector can hold or index. The message lists all of it.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="TId"/> is neither <see cref="long"/> nor <see cref="string"/>.</exception>
    public PostgresVectorTable(NpgsqlDataSource dataSource, PostgresVectorTableOptions options)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(nameof(options));
        _dataSource = dataSource;
        Options = options;
        _sql = new VectorTableSql(options, _ids.SqlType);
    }

    /// <summary>Names and sizes.</summary>
    public PostgresVectorTableOptions Options { get; }

    /// <summary>The index's name, without its schema: table, column and prefix length, so that indexes of several prefix lengths can stand side by side.</summary>
    public string IndexName => _sql.IndexName;

    /// <summary>Creates the extension, the table and the load table, each unless it is there; a table that is there is checked, and may be partitioned by a hash of the id as <see cref="PostgresVectorTableOptions.HashPartitions"/> makes it.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidOperationException">pgvector cannot be had, or a table of that name has other columns or ids that are not unique.</exception>
    /// <exception cref="NotSupportedException">pgvector is older than 0.7.0.</exception>
    public async Task CreateAsync(CancellationToken cancellationToken = default)
    {
        await using NpgsqlConnection connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await TableDefinition.EnsurePgvectorAsync(connection, cancellationToken).ConfigureAwait(false);
        await using (NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false))
        {
            await LockAsync(connection, cancellationToken).ConfigureAwait(false);
            foreach ((string name, IEnumerable<string> create) in new[] { (_sql.Table, _sql.CreateTable), (_sql.LoadTable, [_sql.CreateLoadTable]) })
            {
                if (!await TableDefinition.ExistsAsync(connection, name, cancellationToken).ConfigureAwait(false))
                {
                    foreach (string statement in create)
                    {
                        await connection.ExecuteAsync(statement, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        await TableDefinition.CheckAsync(connection, Options, _sql, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Builds the HNSW index on the prefix, as <see cref="PostgresVectorTableOptions.PrefixType"/> says, unless it is there. Quickest after the load and with <see cref="PostgresVectorTableOptions.IndexMemoryMiB"/> for the whole graph; rows that come later are
    /// added to it as they come. Writers of the table wait meanwhile, readers do not.
    /// </summary>
    /// <param name="cancellationToken">Cancels; there is no other limit of time.</param>
    /// <exception cref="InvalidOperationException">There is an index of that name that is broken or has other settings, or no pgvector.</exception>
    /// <exception cref="NotSupportedException">pgvector is older than 0.7.0.</exception>
    public async Task CreateIndexAsync(CancellationToken cancellationToken = default)
    {
        await using NpgsqlConnection connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        PgvectorVersion.Require(await PgvectorVersion.FindAsync(connection, cancellationToken).ConfigureAwait(false), PgvectorVersion.Oldest, "subvector");
        await LockAsync(connection, cancellationToken).ConfigureAwait(false);
        if (await TableDefinition.HasIndexAsync(connection, _sql, cancellationToken).ConfigureAwait(false))
        {
            return;
        }
        if (Options.IndexMemoryMiB is { } memory)
        {
            await connection.ExecuteAsync("SELECT set_config('maintenance_work_mem', $1, true)", cancellationToken, string.Create(CultureInfo.InvariantCulture, $"{memory}MB")).ConfigureAwait(false);
        }
        await using (NpgsqlCommand command = connection.Command(_sql.CreateIndex))
        {
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Brings the rows of a view into the table by binary COPY, a transaction a chunk, and records in the same transaction how far it has come. Run again after it was stopped, by whatever, it goes on after
    /// the last chunk that was committed: no row is lost, none comes twice. A complete load that is run again changes nothing.
    /// </summary>
    /// <param name="loadName">The load's name, 1 or more characters: the same name goes on, another name is another load.</param>
    /// <param name="data">The rows, which come in the same order each time. Read once, by one cursor.</param>
    /// <param name="options">Columns, chunks and checks; <see langword="null"/> (default) for the defaults.</param>
    /// <param name="cancellationToken">Looked at between rows; the chunk under way is given up.</param>
    /// <returns>How far the load has come: to the end.</returns>
    /// <exception cref="ArgumentException">The options do not make sense, or the data's columns are missing, of another type, or of another width.</exception>
    /// <exception cref="LoadMismatchException">The load began with other data, other options or another fingerprint, or the table no longer has what it brought in.</exception>
    /// <exception cref="RepeatedIdException">An id comes twice, or is in the table already.</exception>
    /// <exception cref="InvalidOperationException">A vector is unfit and <see cref="VectorLoadOptions.UnfitVectors"/> says so; a text cannot be kept; the table is not there or has other columns; somebody else runs the same load; the data source was built without <c>UseVector()</c>.</exception>
    public Task<VectorLoadState> LoadAsync(string loadName, IDataView data, VectorLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckLoadName(loadName);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new VectorLoadOptions();
        options.Check(nameof(options));
        var load = new VectorLoad<TId>(_dataSource, Options, _sql, _ids, loadName, options);
        // Cursors do not wait asynchronously, so they are read on the thread pool.
        return Task.Run(() => load.RunAsync(data, cancellationToken), cancellationToken);
    }

    /// <summary>How far a load has come.</summary>
    /// <param name="loadName">The load's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The state, or <see langword="null"/> for a load that never began.</returns>
    public async Task<VectorLoadState?> FindLoadAsync(string loadName, CancellationToken cancellationToken = default)
    {
        CheckLoadName(loadName);
        await using NpgsqlConnection connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return (await LoadRecord.FindAsync(connection, _sql, Options.TableName, loadName, cancellationToken).ConfigureAwait(false))?.State;
    }

    /// <summary>Forgets how far a load has come, so that its name begins anew. Its rows stay in the table.</summary>
    /// <param name="loadName">The load's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether there was such a load.</returns>
    public async Task<bool> ForgetLoadAsync(string loadName, CancellationToken cancellationToken = default)
    {
        CheckLoadName(loadName);
        await using NpgsqlConnection connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await connection.ExecuteAsync(_sql.ForgetLoad, cancellationToken, Options.TableName, loadName).ConfigureAwait(false) > 0;
    }

    /// <summary>
    /// Finds the rows nearest to a query in two stages, in one statement: a short list by the cosine of the prefixes (or by their bits, see <see cref="PrefixType.Bit"/>), from the index, then the best of it by the cosine of the full vectors.
    /// </summary>
    /// <param name="query">The full query vector, <see cref="PostgresVectorTableOptions.Dimensions"/> values.</param>
    /// <param name="count">How many rows to return, 1..<paramref name="shortList"/>. Default 10.</param>
    /// <param name="shortList">How many rows the first stage takes, up to 1,000; <c>hnsw.ef_search</c> is set to it for this statement, or to 40 if that is more. Default 100.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Up to <paramref name="count"/> rows, the best first; rows of equal score by id.</returns>
    /// <exception cref="ArgumentException">The query is of another width, or has no cosine: a NaN, an infinity, or only zeros in its prefix.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> or <paramref name="shortList"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The data source was built without <c>UseVector()</c>.</exception>
    /// <remarks>Two-stage search is in Kusupati et al. 2022, arXiv:2205.13147, section 4.3.1 (adaptive retrieval).</remarks>
    public Task<IReadOnlyList<VectorMatch<TId>>> SearchAsync(ReadOnlyMemory<float> query, int count = 10, int shortList = 100, CancellationToken cancellationToken = default)
    {
        CheckSearch(query, count, shortList);
        return SearchAsync(query, new VectorSearchOptions { Count = count, ShortList = shortList }, cancellationToken);
    }

    /// <summary>Finds the rows nearest to a query in two stages, in one statement, among those that a filter lets through.</summary>
    /// <param name="query">The full query vector, <see cref="PostgresVectorTableOptions.Dimensions"/> values.</param>
    /// <param name="options">How many rows, of which, and how hard to look.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Up to <see cref="VectorSearchOptions.Count"/> rows, the best first; rows of equal score by id. Fewer where the filter leaves fewer, see <see cref="VectorSearchOptions.Filter"/>.</returns>
    /// <exception cref="ArgumentException">The query is of another width, or has no cosine; the options do not make sense; the filter names a column that is not there or compares it with a value of another type, or PostgreSQL does not take it.</exception>
    /// <exception cref="NotSupportedException">An iterative scan is asked for, and pgvector is older than 0.8.0.</exception>
    /// <exception cref="InvalidOperationException">The data source was built without <c>UseVector()</c>.</exception>
    /// <remarks>The pgvector version is asked for once, by the first search that has a filter or an <see cref="VectorSearchOptions.IterativeScan"/>.</remarks>
    public async Task<IReadOnlyList<VectorMatch<TId>>> SearchAsync(ReadOnlyMemory<float> query, VectorSearchOptions options, CancellationToken cancellationToken = default)
    {
        CheckSearch(query, options);
        return await ReadMatchesAsync(await SearchBatchAsync("", query, options, cancellationToken).ConfigureAwait(false), options.Filter, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the rows nearest to a query by the full vectors of all rows, without an index: the truth to compare <see cref="SearchAsync(ReadOnlyMemory{float}, int, int, CancellationToken)"/> with.</summary>
    /// <param name="query">The full query vector, <see cref="PostgresVectorTableOptions.Dimensions"/> values.</param>
    /// <param name="count">How many rows to return, at least 1. Default 10.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Up to <paramref name="count"/> rows, the best first; rows of equal score by id.</returns>
    /// <exception cref="ArgumentException">The query is of another width, or has no cosine: a NaN, an infinity, or only zeros in its prefix.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="InvalidOperationException">The data source was built without <c>UseVector()</c>.</exception>
    public Task<IReadOnlyList<VectorMatch<TId>>> SearchExactlyAsync(ReadOnlyMemory<float> query, int count = 10, CancellationToken cancellationToken = default) => SearchExactlyAsync(query, count, null, cancellationToken);

    /// <summary>Finds the rows nearest to a query by the full vectors of all rows that a filter lets through, without an index on vectors.</summary>
    /// <param name="query">The full query vector, <see cref="PostgresVectorTableOptions.Dimensions"/> values.</param>
    /// <param name="count">How many rows to return, at least 1.</param>
    /// <param name="filter">The rows that may be found; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Up to <paramref name="count"/> rows, the best first; rows of equal score by id.</returns>
    /// <exception cref="ArgumentException">The query is of another width, or has no cosine; the filter names a column that is not there or compares it with a value of another type, or PostgreSQL does not take it.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="InvalidOperationException">The data source was built without <c>UseVector()</c>.</exception>
    public async Task<IReadOnlyList<VectorMatch<TId>>> SearchExactlyAsync(ReadOnlyMemory<float> query, int count, SearchFilter? filter, CancellationToken cancellationToken = default)
    {
        CheckQuery(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        NpgsqlBatch batch = _dataSource.CreateBatch();
        // An index on full vectors, if somebody made one, would make this approximate.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT set_config('enable_indexscan', 'off', true)"));
        AddSearch(batch, "", _sql.SearchExactly, filter, new Vector(query), count);
        return await ReadMatchesAsync(batch, filter, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What PostgreSQL plans for <see cref="SearchAsync(ReadOnlyMemory{float}, int, int, CancellationToken)"/>: the plan names <see cref="IndexName"/> where the index is used, or the indexes of partitions, which have names of their own; of a small table it may rather read all rows.</summary>
    /// <param name="query">The full query vector.</param>
    /// <param name="count">As for the search.</param>
    /// <param name="shortList">As for the search.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The lines of EXPLAIN.</returns>
    /// <exception cref="ArgumentException">As for the search.</exception>
    public async Task<string> ExplainSearchAsync(ReadOnlyMemory<float> query, int count = 10, int shortList = 100, CancellationToken cancellationToken = default)
    {
        CheckSearch(query, count, shortList);
        return await ExplainSearchAsync(query, new VectorSearchOptions { Count = count, ShortList = shortList }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What PostgreSQL plans for a search with these options.</summary>
    /// <param name="query">The full query vector.</param>
    /// <param name="options">As for the search.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The lines of EXPLAIN.</returns>
    /// <exception cref="ArgumentException">As for the search.</exception>
    /// <exception cref="NotSupportedException">As for the search.</exception>
    public async Task<string> ExplainSearchAsync(ReadOnlyMemory<float> query, VectorSearchOptions options, CancellationToken cancellationToken = default)
    {
        CheckSearch(query, options);
        NpgsqlBatch batch = await SearchBatchAsync("EXPLAIN ", query, options, cancellationToken).ConfigureAwait(false);
        return string.Join('\n', await ReadAsync(batch, options.Filter, reader => reader.GetString(0), cancellationToken).ConfigureAwait(false));
    }

    private static void CheckLoadName(string loadName)
    {
        ArgumentException.ThrowIfNullOrEmpty(loadName);
        if (RowText.Problem(loadName) is { } problem)
        {
            throw new ArgumentException($"The load name {problem}. Choose another.", nameof(loadName));
        }
    }

    /// <summary>Until the transaction ends: of two processes that create the same, one does.</summary>
    private Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", cancellation, $"{nameof(Mrl)} {Options.SchemaName}");

    private void CheckSearch(ReadOnlyMemory<float> query, int count, int shortList)
    {
        CheckQuery(query);
        if (shortList is < 1 or > LongestShortList)
        {
            throw new ArgumentOutOfRangeException(nameof(shortList), shortList, $"Cannot take a short list of {shortList}: pgvector's hnsw.ef_search goes up to {LongestShortList}. Choose 1..{LongestShortList}.");
        }
        if (count < 1 || count > shortList)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Cannot return {count} of a short list of {shortList}. Choose 1..{shortList}.");
        }
    }

    private void CheckSearch(ReadOnlyMemory<float> query, VectorSearchOptions options)
    {
        CheckQuery(query);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(nameof(options), LongestShortList);
    }

    private void CheckQuery(ReadOnlyMemory<float> query)
    {
        if (query.Length != Options.Dimensions)
        {
            throw new ArgumentException($"The query has {query.Length} values, but the table's vectors have {Options.Dimensions}. Embed it as the rows were embedded.", nameof(query));
        }
        if (VectorFitness.Problem(query.Span, Options.ShortDimensions) is { } problem)
        {
            throw new ArgumentException($"The query {problem}.", nameof(query));
        }
    }

    /// <summary>A batch is one transaction and one round trip, so what is set in it is gone with it.</summary>
    private async Task<NpgsqlBatch> SearchBatchAsync(string prefix, ReadOnlyMemory<float> query, VectorSearchOptions options, CancellationToken cancellation)
    {
        var settings = new List<(string Name, string Value)> { ("hnsw.ef_search", Math.Max(options.ShortList, DefaultEfSearch).ToString(CultureInfo.InvariantCulture)) };
        if (await IterativeScanAsync(options, cancellation).ConfigureAwait(false) is { } scan)
        {
            settings.Add(("hnsw.iterative_scan", scan));
            if (options.MaxScanTuples is { } most)
            {
                settings.Add(("hnsw.max_scan_tuples", most.ToString(CultureInfo.InvariantCulture)));
            }
        }
        NpgsqlBatch batch = _dataSource.CreateBatch();
        var setting = new NpgsqlBatchCommand($"SELECT {string.Join(", ", settings.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"set_config('{s.Name}', ${i + 1}, true)")))}");
        setting.Parameters.AddAll([.. settings.Select(s => s.Value)]);
        batch.BatchCommands.Add(setting);
        AddSearch(batch, prefix, _sql.Search, options.Filter, new Vector(query), options.ShortList, options.Count);
        return batch;
    }

    private void AddSearch(NpgsqlBatch batch, string prefix, Func<string, string> statement, SearchFilter? filter, params object?[] values)
    {
        var search = new NpgsqlBatchCommand();
        search.Parameters.AddAll(values);
        search.CommandText = prefix + statement(filter?.Write(new FilterWriter(Options, _ids.SqlType, search.Parameters)) ?? "");
        batch.BatchCommands.Add(search);
    }

    /// <summary>What to set <c>hnsw.iterative_scan</c> to, or null to leave it.</summary>
    private async Task<string?> IterativeScanAsync(VectorSearchOptions options, CancellationToken cancellation)
    {
        if (options is { IterativeScan: IterativeScan.Automatic, Filter: null, MaxScanTuples: null })
        {
            return null;
        }
        if (_pgvector is not { } version)
        {
            await using NpgsqlConnection connection = await _dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            _pgvector = version = await PgvectorVersion.FindAsync(connection, cancellation).ConfigureAwait(false) ?? "";
        }
        if (options.IterativeScan is IterativeScan.Relaxed or IterativeScan.Strict || options.MaxScanTuples is not null)
        {
            PgvectorVersion.Require(version.Length > 0 ? version : null, PgvectorVersion.IterativeScans, "an iterative scan");
        }
        return !PgvectorVersion.IsAtLeast(version, PgvectorVersion.IterativeScans) ? null
            : options.IterativeScan switch
            {
                IterativeScan.Off => "off",
                IterativeScan.Strict => "strict_order",
                _ => "relaxed_order",
            };
    }

    private async Task<IReadOnlyList<VectorMatch<TId>>> ReadMatchesAsync(NpgsqlBatch batch, SearchFilter? filter, CancellationToken cancellation) =>
        await ReadAsync(batch, filter, reader =>
        {
            var values = new Dictionary<string, object?>(Options.Columns.Count, StringComparer.Ordinal);
            for (int i = 0; i < Options.Columns.Count; i++)
            {
                values.Add(Options.Columns[i].Name, ColumnKind.Read(reader, 2 + i, Options.Columns[i].Type));
            }
            return new VectorMatch<TId>(reader.GetFieldValue<TId>(0), reader.GetDouble(1), values);
        }, cancellation).ConfigureAwait(false);

    /// <summary>Reads the rows of the batch's second command, then disposes of the batch.</summary>
    private static async Task<List<T>> ReadAsync<T>(NpgsqlBatch batch, SearchFilter? filter, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using (batch.ConfigureAwait(false))
        {
            try
            {
                var results = new List<T>();
                NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await reader.NextResultAsync(cancellation).ConfigureAwait(false);
                    while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    {
                        results.Add(read(reader));
                    }
                }
                return results;
            }
            catch (Exception e) when (NpgsqlVectors.IsUnknownType(e))
            {
                throw NpgsqlVectors.NotMapped(e);
            }
            catch (PostgresException e) when (filter is not null && s_wrongFilter.Contains(e.SqlState))
            {
                throw new ArgumentException($"PostgreSQL does not take the filter: {e.MessageText}.", "options", e);
            }
        }
    }
}
