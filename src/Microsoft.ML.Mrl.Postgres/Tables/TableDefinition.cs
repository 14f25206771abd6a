using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Compares what a database has with what the options ask for.</summary>
internal static class TableDefinition
{
    /// <summary>Creates the pgvector extension if the database does not have it, and tells Npgsql about its types.</summary>
    /// <exception cref="InvalidOperationException">pgvector is not available.</exception>
    /// <exception cref="NotSupportedException">pgvector is older than 0.7.0.</exception>
    public static async Task EnsurePgvectorAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        string? version = await PgvectorVersion.FindAsync(connection, cancellation).ConfigureAwait(false);
        if (version is null)
        {
            try
            {
                await connection.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS vector", cancellation).ConfigureAwait(false);
            }
            catch (PostgresException e)
            {
                throw new InvalidOperationException(
                    $"The database has no pgvector and it could not be created: {e.MessageText}. "
                    + "Install pgvector on the server, and let a role that may do so run CREATE EXTENSION vector.", e);
            }
            version = await PgvectorVersion.FindAsync(connection, cancellation).ConfigureAwait(false);
            await connection.ReloadTypesAsync(cancellation).ConfigureAwait(false);
        }
        PgvectorVersion.Require(version, PgvectorVersion.Oldest, "subvector");
    }

    /// <summary>Determines whether a table or index of a quoted name exists.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlConnection connection, string quoted, CancellationToken cancellation) =>
        (bool)(await connection.ScalarAsync("SELECT to_regclass($1) IS NOT NULL", cancellation, quoted).ConfigureAwait(false))!;

    /// <summary>Checks that the columns have the requested types and that ids are unique.</summary>
    /// <exception cref="InvalidOperationException">A column has another type, or ids are not unique.</exception>
    public static async Task CheckAsync(
        NpgsqlConnection connection, PostgresVectorTableOptions options, VectorTableSql sql, CancellationToken cancellation)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (NpgsqlCommand command = connection.Command(
            """
            SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
            """, sql.Table))
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                found.Add(reader.GetString(0), reader.GetString(1));
            }
        }
        if (found.Count == 0)
        {
            throw new InvalidOperationException($"There is no table {sql.Table}. Create it first "
                + $"({nameof(PostgresVectorTable<long>.CreateAsync)}).");
        }
        (string Name, string Type)[] wanted =
        [
            (options.IdColumnName, sql.IdType), (options.EmbeddingColumnName, sql.EmbeddingType),
            .. options.Columns.Select(column => (column.Name, ColumnKind.Of(column.Type).SqlType)),
        ];
        foreach ((string name, string type) in wanted)
        {
            if (!found.TryGetValue(name, out string? got) || got != type)
            {
                throw new InvalidOperationException(
                    $"Table {sql.Table} {(got is null ? "has no column" : "has another column")} '{name}': expected {type}, "
                    + $"got {got ?? "none"}. "
                    + "Choose another table, or drop this one.");
            }
        }
        long unique = (long)(await connection.ScalarAsync(
            """
            SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = to_regclass($1) AND a.attname = $2
              AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL
            """, cancellation, sql.Table, options.IdColumnName).ConfigureAwait(false))!;
        if (unique == 0)
        {
            throw new InvalidOperationException(
                $"Column '{options.IdColumnName}' of table {sql.Table} is not unique: ids that repeat would not be noticed. "
                + "Make it the primary key.");
        }
    }

    /// <summary>Determines whether the index exists, with the settings asked for.</summary>
    /// <exception cref="InvalidOperationException">
    /// Another object has the name of the index, the index has other settings, or its creation was interrupted.
    /// </exception>
    public static async Task<bool> HasIndexAsync(NpgsqlConnection connection, VectorTableSql sql, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = connection.Command(
            """
            SELECT coalesce(i.indisvalid, false), i.indrelid = to_regclass($2), coalesce(array_to_string(c.reloptions, ','), '')
            FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid WHERE c.oid = to_regclass($1)
            """, sql.Index, sql.Table);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            return false;
        }
        if (reader.IsDBNull(1) || !reader.GetBoolean(1))
        {
            throw new InvalidOperationException($"Something that is not the index of table {sql.Table} has its name {sql.Index}. "
                + "Rename or drop it.");
        }
        if (!reader.GetBoolean(0))
        {
            throw new InvalidOperationException($"Index {sql.Index} is not valid: its creation was interrupted. Drop it, "
                + "then create it again.");
        }
        string settings = reader.GetString(2);
        return settings == sql.IndexSettings
            ? true
            : throw new InvalidOperationException($"Index {sql.Index} was built with {settings}, not with {sql.IndexSettings}. "
                + "Drop it to build it anew.");
    }
}
