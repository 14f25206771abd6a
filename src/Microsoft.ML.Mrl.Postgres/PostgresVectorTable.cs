using Microsoft.ML.Mrl.Postgres.Loading;
using Microsoft.ML.Mrl.Postgres.Search;
using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a PostgreSQL table of Matryoshka embeddings, with an HNSW index on their prefixes.</summary>
/// <typeparam name="TId">The type of ids: <see cref="long"/> (column <c>bigint</c>) or <see cref="string"/> (column
/// <c>text</c>).</typeparam>
/// <remarks>
/// <para>
/// A load brings rows from an <see cref="IDataView"/> and can be resumed where it was stopped. A search finds candidates by the prefix and
/// ranks them by the full vectors.
/// </para>
/// <para>
/// Requires PostgreSQL 15 or later with pgvector 0.7.0 or later on the search path, and a data source that was built with Pgvector's
/// <c>UseVector()</c>. Instances are safe for concurrent use, as data sources are. Vectors are stored as they come, or rounded as
/// <see cref="PostgresVectorTableOptions.EmbeddingColumnType"/> says. Scores are cosines, so the lengths of vectors do not matter.
/// </para>
/// <para>
/// All methods throw <see cref="OperationCanceledException"/> if their token is canceled, and <see cref="NpgsqlException"/> if the server
/// or the connection fails.
/// </para>
/// </remarks>
public sealed partial class PostgresVectorTable<TId>
    where TId : notnull
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly IdKind<TId> _ids = IdKind<TId>.Create();
    private readonly VectorTableSql _sql;
    private readonly TableCreation _creation;
    private readonly TableSearch<TId> _search;

    /// <summary>Initializes a new instance of the <see cref="PostgresVectorTable{TId}"/> class, without connecting to the server.</summary>
    /// <param name="dataSource">The data source that opens connections. The caller disposes of it.</param>
    /// <param name="options">The names, sizes, types and index settings of the table.</param>
    /// <exception cref="ArgumentException">The options are invalid. The message lists everything that is wrong.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="TId"/> is neither <see cref="long"/> nor
    /// <see cref="string"/>.</exception>
    public PostgresVectorTable(NpgsqlDataSource dataSource, PostgresVectorTableOptions options)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(nameof(options));
        _dataSource = dataSource;
        Options = options;
        _sql = new VectorTableSql(options, _ids.SqlType);
        _creation = new TableCreation(dataSource, options, _sql);
        _search = new TableSearch<TId>(dataSource, options, _sql);
    }

    /// <summary>Gets the names, sizes, types and index settings of the table.</summary>
    internal PostgresVectorTableOptions Options { get; }

    /// <summary>
    /// Gets the name of the index, without its schema. It contains the names of table and column and the prefix length, so that a table can
    /// have indexes of several lengths.
    /// </summary>
    public string IndexName => _sql.IndexName;

    /// <summary>
    /// Creates the pgvector extension, the table and the load table where they do not exist, and checks a table that exists.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the table exists.</returns>
    /// <exception cref="InvalidOperationException">pgvector is not available, or the table exists with other columns or with ids that are
    /// not unique.</exception>
    /// <exception cref="NotSupportedException">pgvector is older than 0.7.0.</exception>
    public Task CreateAsync(CancellationToken cancellationToken = default) => _creation.CreateAsync(cancellationToken);

    /// <summary>Creates the HNSW index on the prefixes if it does not exist.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. There is no other time limit.</param>
    /// <returns>A task that completes when the index exists.</returns>
    /// <exception cref="InvalidOperationException">The index exists but is invalid or has other settings, or the database has no
    /// pgvector.</exception>
    /// <exception cref="NotSupportedException">pgvector is older than 0.7.0.</exception>
    /// <remarks>
    /// It is fastest to create the index after the load, with enough <see cref="PostgresVectorTableOptions.IndexMemoryMiB"/> for the whole
    /// graph. PostgreSQL adds later rows to it as they come. While the index is built, writers of the table wait and readers do not.
    /// </remarks>
    public Task CreateIndexAsync(CancellationToken cancellationToken = default) => _creation.CreateIndexAsync(cancellationToken);

    /// <summary>Loads the rows of a view into the table, or resumes such a load after its last committed chunk.</summary>
    /// <param name="loadName">
    /// The name of the load, at least 1 character. A load that was stopped, for whatever reason, is resumed by calling this method again
    /// with the same name and data.
    /// </param>
    /// <param name="data">The rows, which must come in the same order each time. They are read once, by one cursor.</param>
    /// <param name="options">
    /// The columns, the chunks and the checks, or <see langword="null"/>, the default, for the default options.
    /// </param>
    /// <param name="progress">The receiver of the state after each chunk, or <see langword="null"/>, the default, for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests, checked between rows. The current chunk is then abandoned.
    /// </param>
    /// <returns>The state at the end of the data.</returns>
    /// <exception cref="ArgumentException">
    /// The options are invalid, or a column of the data is missing or has another type or number of dimensions.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The load was started with other data, options or fingerprint, or the table no longer has its rows; an id occurs twice, or is in the
    /// table already; a vector is invalid and <see cref="VectorLoadOptions.InvalidVectors"/> is <see cref="InvalidVectors.Throw"/>; a text
    /// cannot be stored; the table does not exist or has other columns; another process runs the same load; or the data source was built
    /// without <c>UseVector()</c>.
    /// </exception>
    /// <remarks>
    /// Rows are sent by binary COPY. Each chunk is one transaction, which also records the progress, so no row is lost and none is loaded
    /// twice. A complete load that is run again changes nothing.
    /// </remarks>
    public Task<VectorLoadState> LoadAsync(
        string loadName,
        IDataView data,
        VectorLoadOptions? options = null,
        IProgress<VectorLoadState>? progress = null,
        CancellationToken cancellationToken = default)
    {
        CheckLoadName(loadName);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new VectorLoadOptions();
        options.Check(nameof(options));
        var load = new VectorLoad<TId>(_dataSource, Options, _sql, _ids, loadName, options, progress);
        // Cursors do not wait asynchronously, so they are read on the thread pool.
        return Task.Run(() => load.RunAsync(data, cancellationToken), cancellationToken);
    }

    /// <summary>Finds the recorded progress of a load.</summary>
    /// <param name="loadName">The name of the load.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The state, or <see langword="null"/> if there is no such load.</returns>
    public async Task<VectorLoadState?> FindLoadAsync(string loadName, CancellationToken cancellationToken = default)
    {
        CheckLoadName(loadName);
        await using NpgsqlConnection connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return (await LoadRecord.FindAsync(connection, _sql, Options.TableName, loadName, cancellationToken).ConfigureAwait(false))?.State;
    }

    /// <summary>
    /// Deletes the recorded progress of a load, so that a load of this name starts again. The rows that it loaded stay in the table.
    /// </summary>
    /// <param name="loadName">The name of the load.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if there was such a load; otherwise, <see langword="false"/>.</returns>
    public async Task<bool> ForgetLoadAsync(string loadName, CancellationToken cancellationToken = default)
    {
        CheckLoadName(loadName);
        await using NpgsqlConnection connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await connection.ExecuteAsync(_sql.ForgetLoad, cancellationToken, Options.TableName, loadName).ConfigureAwait(false) > 0;
    }

    private static void CheckLoadName(string loadName)
    {
        ArgumentException.ThrowIfNullOrEmpty(loadName);
        if (PostgresText.Problem(loadName) is { } problem)
        {
            throw new ArgumentException($"The load name {problem}. Choose another.", nameof(loadName));
        }
    }
}
