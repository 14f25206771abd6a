using System.Globalization;
using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Creates and drops a table, its load table and its index.</summary>
internal sealed class TableCreation(NpgsqlDataSource dataSource, PostgresVectorTableOptions options, VectorTableSql sql)
{
    public async Task CreateAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await TableDefinition.EnsurePgvectorAsync(connection, cancellation).ConfigureAwait(false);
        await using (NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false))
        {
            await LockAsync(connection, cancellation).ConfigureAwait(false);
            (string Name, IEnumerable<string> Create)[] tables = [(sql.Table, sql.CreateTable), (sql.LoadTable, [sql.CreateLoadTable])];
            foreach ((string name, IEnumerable<string> create) in tables)
            {
                if (!await TableDefinition.ExistsAsync(connection, name, cancellation).ConfigureAwait(false))
                {
                    foreach (string statement in create)
                    {
                        await connection.ExecuteAsync(statement, cancellation).ConfigureAwait(false);
                    }
                }
            }
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
        await TableDefinition.CheckAsync(connection, options, sql, cancellation).ConfigureAwait(false);
    }

    public async Task CreateIndexAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        string? pgvector = await PgvectorVersion.FindAsync(connection, cancellation).ConfigureAwait(false);
        PgvectorVersion.Require(pgvector, PgvectorVersion.Oldest, "subvector");
        await LockAsync(connection, cancellation).ConfigureAwait(false);
        if (await TableDefinition.HasIndexAsync(connection, sql, cancellation).ConfigureAwait(false))
        {
            return;
        }
        if (options.IndexMemoryMiB is { } memory)
        {
            const string Set = "SELECT set_config('maintenance_work_mem', $1, true)";
            string value = string.Create(CultureInfo.InvariantCulture, $"{memory}MB");
            await connection.ExecuteAsync(Set, cancellation, value).ConfigureAwait(false);
        }
        await using (NpgsqlCommand command = connection.Command(sql.CreateIndex))
        {
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    public async Task<bool> ExistsAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        return await TableDefinition.ExistsAsync(connection, sql.Table, cancellation).ConfigureAwait(false);
    }

    /// <summary>Drops the table and forgets its loads.</summary>
    public async Task DropAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await LockAsync(connection, cancellation).ConfigureAwait(false);
        await connection.ExecuteAsync(sql.DropTable, cancellation).ConfigureAwait(false);
        if (await TableDefinition.ExistsAsync(connection, sql.LoadTable, cancellation).ConfigureAwait(false))
        {
            await connection.ExecuteAsync(sql.ForgetLoads, cancellation, options.TableName).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Holds a lock until the transaction ends, so that only one of two processes creates the same objects.</summary>
    private Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation) => connection.ExecuteAsync(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", cancellation, $"{nameof(Mrl)} {options.SchemaName}");
}
