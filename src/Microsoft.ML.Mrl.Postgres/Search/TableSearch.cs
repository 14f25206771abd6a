using System.Globalization;
using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;
using Pgvector;

namespace Microsoft.ML.Mrl.Postgres.Search;

/// <summary>Runs the searches of one table. Each is one batch in one transaction and one round trip, so its settings end with it.</summary>
internal sealed class TableSearch<TId>(NpgsqlDataSource dataSource, PostgresVectorTableOptions table, VectorTableSql sql)
    where TId : notnull
{
    private const int DefaultEfSearch = 40;

    /// <summary>The errors of invalid SQL, which only a filter can contain.</summary>
    private static readonly string[] s_wrongFilter =
    [
        PostgresErrorCodes.SyntaxError, PostgresErrorCodes.UndefinedColumn, PostgresErrorCodes.UndefinedFunction,
        PostgresErrorCodes.DatatypeMismatch, PostgresErrorCodes.UndefinedParameter, PostgresErrorCodes.IndeterminateDatatype,
        PostgresErrorCodes.AmbiguousColumn, PostgresErrorCodes.GroupingError, PostgresErrorCodes.WrongObjectType,
        PostgresErrorCodes.StatementTooComplex,
    ];

    private volatile string? _pgvector;

    public async Task<IReadOnlyList<VectorMatch<TId>>> SearchAsync(
        ReadOnlyMemory<float> query, int top, PostgresSearchOptions options, CancellationToken cancellation)
    {
        NpgsqlBatch batch = await BatchAsync("", query, top, options, cancellation).ConfigureAwait(false);
        return await ReadAsync(batch, options.Filter, ReadMatch, cancellation).ConfigureAwait(false);
    }

    public async Task<string> ExplainAsync(
        ReadOnlyMemory<float> query, int top, PostgresSearchOptions options, CancellationToken cancellation)
    {
        NpgsqlBatch batch = await BatchAsync("EXPLAIN ", query, top, options, cancellation).ConfigureAwait(false);
        return string.Join('\n', await ReadAsync(batch, options.Filter, reader => reader.GetString(0), cancellation).ConfigureAwait(false));
    }

    public async Task<IReadOnlyList<VectorMatch<TId>>> SearchExactAsync(
        ReadOnlyMemory<float> query, int top, SearchFilter? filter, CancellationToken cancellation)
    {
        NpgsqlBatch batch = dataSource.CreateBatch();
        // An index on full vectors, if somebody made one, would make this approximate.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT set_config('enable_indexscan', 'off', true)"));
        Add(batch, "", sql.SearchExact, filter, new Vector(query), top);
        return await ReadAsync(batch, filter, ReadMatch, cancellation).ConfigureAwait(false);
    }

    private async Task<NpgsqlBatch> BatchAsync(
        string prefix, ReadOnlyMemory<float> query, int top, PostgresSearchOptions options, CancellationToken cancellation)
    {
        int efSearch = Math.Max(options.NumberOfCandidates, DefaultEfSearch);
        var settings = new List<(string Name, string Value)> { ("hnsw.ef_search", efSearch.ToString(CultureInfo.InvariantCulture)) };
        if (await IterativeScanAsync(options, cancellation).ConfigureAwait(false) is { } scan)
        {
            settings.Add(("hnsw.iterative_scan", scan));
            if (options.MaxScanTuples is { } max)
            {
                settings.Add(("hnsw.max_scan_tuples", max.ToString(CultureInfo.InvariantCulture)));
            }
        }
        NpgsqlBatch batch = dataSource.CreateBatch();
        IEnumerable<string> set = settings.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"set_config('{s.Name}', "
            + $"${i + 1}, true)"));
        var setting = new NpgsqlBatchCommand($"SELECT {string.Join(", ", set)}");
        setting.Parameters.AddAll([.. settings.Select(s => s.Value)]);
        batch.BatchCommands.Add(setting);
        Add(batch, prefix, sql.Search, options.Filter, new Vector(query), options.NumberOfCandidates, top);
        return batch;
    }

    private void Add(NpgsqlBatch batch, string prefix, Func<string, string> statement, SearchFilter? filter, params object?[] values)
    {
        var search = new NpgsqlBatchCommand();
        search.Parameters.AddAll(values);
        search.CommandText = prefix + statement(filter?.Write(new FilterWriter(table, sql.IdType, search.Parameters)) ?? "");
        batch.BatchCommands.Add(search);
    }

    /// <summary>Returns the value to set <c>hnsw.iterative_scan</c> to, or null to leave it.</summary>
    private async Task<string?> IterativeScanAsync(PostgresSearchOptions options, CancellationToken cancellation)
    {
        if (options is { IterativeScan: IterativeScan.Automatic, Filter: null, MaxScanTuples: null })
        {
            return null;
        }
        if (_pgvector is not { } version)
        {
            await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            _pgvector = version = await PgvectorVersion.FindAsync(connection, cancellation).ConfigureAwait(false) ?? "";
        }
        if (options.IterativeScan is IterativeScan.RelaxedOrder or IterativeScan.StrictOrder || options.MaxScanTuples is not null)
        {
            PgvectorVersion.Require(version.Length > 0 ? version : null, PgvectorVersion.IterativeScans, "an iterative scan");
        }
        return !PgvectorVersion.IsAtLeast(version, PgvectorVersion.IterativeScans) ? null
            : options.IterativeScan switch
            {
                IterativeScan.Off => "off",
                IterativeScan.StrictOrder => "strict_order",
                _ => "relaxed_order",
            };
    }

    private VectorMatch<TId> ReadMatch(NpgsqlDataReader reader)
    {
        var values = new Dictionary<string, object?>(table.Columns.Count, StringComparer.Ordinal);
        for (int i = 0; i < table.Columns.Count; i++)
        {
            values.Add(table.Columns[i].Name, ColumnKind.Read(reader, 2 + i, table.Columns[i].Type));
        }
        return new VectorMatch<TId>(reader.GetFieldValue<TId>(0), reader.GetDouble(1), values);
    }

    /// <summary>Reads the rows of the batch's second command, then disposes of the batch.</summary>
    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlBatch batch, SearchFilter? filter, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
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
            catch (Exception e) when (Commands.IsUnknownVectorType(e))
            {
                throw Commands.UnknownVectorType(e);
            }
            catch (PostgresException e) when (filter is not null && s_wrongFilter.Contains(e.SqlState))
            {
                throw new ArgumentException($"PostgreSQL does not take the filter: {e.MessageText}.", "options", e);
            }
        }
    }
}
