using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace Microsoft.ML.Mrl.Postgres.Loading;

/// <summary>Runs a load: compares the loaded rows with the data, and then loads the others, with one transaction for each chunk.</summary>
internal sealed class VectorLoad<TId>(
    NpgsqlDataSource dataSource,
    PostgresVectorTableOptions table,
    VectorTableSql sql,
    IdKind<TId> ids,
    string name,
    VectorLoadOptions options,
    IProgress<VectorLoadState>? progress)
    where TId : notnull
{
    /// <summary>Gets the settings that, besides the fingerprint, must stay the same from run to run.</summary>
    private string Settings
    {
        get
        {
            string ids = options.IdColumnName is { } id ? $"'{id}'" : $"row numbers from {options.FirstRowNumber}";
            string columns = string.Join(", ", table.Columns.Select(column => $"'{column.Name}' {column.Type}"));
            return $"{sql.EmbeddingType} from '{options.EmbeddingColumnName}', ids from {ids}, columns [{columns}], "
                + $"invalid vectors: {options.InvalidVectors}";
        }
    }

    public async Task<VectorLoadState> RunAsync(IDataView data, CancellationToken cancellation)
    {
        using var reader = new RowReader<TId>(data, table, options);
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        LoadRecord record = await BeginAsync(connection, cancellation).ConfigureAwait(false);
        reader.Skip(record, name, cancellation);
        await RequireLastRowAsync(connection, record, cancellation).ConfigureAwait(false);
        VectorLoadState state = record.State;
        if (state.IsComplete)
        {
            return reader.HasMore()
                ? throw new InvalidOperationException(
                    $"Load '{name}' is complete with {state.RowsRead} rows, but the data has more. Load the others under another name.")
                : state;
        }
        var chunk = new RowChunk<TId>(table.Dimensions);
        while (!state.IsComplete)
        {
            reader.Fill(chunk, cancellation);
            var next = new VectorLoadState(name, reader.RowsRead, reader.RowsSkipped, reader.AtEnd);
            await CommitAsync(connection, chunk, state, next, reader, cancellation).ConfigureAwait(false);
            state = next;
            progress?.Report(state);
        }
        return state;
    }

    private async Task<LoadRecord> BeginAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await TableDefinition.CheckAsync(connection, table, sql, cancellation).ConfigureAwait(false);
        if (!await TableDefinition.ExistsAsync(connection, sql.LoadTable, cancellation).ConfigureAwait(false))
        {
            throw new InvalidOperationException(
                $"There is no load table {sql.LoadTable}. Create it first "
                + $"({nameof(PostgresVectorTable<long>.CreateAsync)}).");
        }
        object[] values = [table.TableName, name, Settings, options.Fingerprint, new byte[RowChain.Bytes]];
        await connection.ExecuteAsync(sql.AddLoad, cancellation, values).ConfigureAwait(false);
        LoadRecord record = await LoadRecord.FindAsync(connection, sql, table.TableName, name, cancellation).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Load '{name}' was forgotten while it started. Run it again.");
        if (record.Fingerprint != options.Fingerprint)
        {
            throw new InvalidOperationException(
                $"Load '{name}' started with the fingerprint '{record.Fingerprint}', but this one has '{options.Fingerprint}'. "
                + $"{LoadRecord.Advice}");
        }
        if (record.Settings != Settings)
        {
            throw new InvalidOperationException(
                $"Load '{name}' started with {record.Settings}, but this one has {Settings}. Use the settings it started with, "
                + "or choose another load name.");
        }
        return record;
    }

    /// <summary>Checks that the table still has the last loaded row, and was not emptied or created again.</summary>
    private async Task RequireLastRowAsync(NpgsqlConnection connection, LoadRecord record, CancellationToken cancellation)
    {
        if (record.LastId is { } last
            && await connection.ScalarAsync(sql.FindId, cancellation, new[] { IdKind<TId>.Parse(last) }).ConfigureAwait(false) is null)
        {
            throw new InvalidOperationException(
                $"Load '{name}' loaded the row with id '{last}', but table {sql.Table} no longer has it. "
                + "If its rows were deleted on purpose, "
                + $"forget the load ({nameof(PostgresVectorTable<TId>.ForgetLoadAsync)}) and run it again.");
        }
    }

    /// <summary>Commits a chunk and the progress of the load, both or neither.</summary>
    private async Task CommitAsync(
        NpgsqlConnection connection,
        RowChunk<TId> chunk,
        VectorLoadState before,
        VectorLoadState after,
        RowReader<TId> reader,
        CancellationToken cancellation)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        // First, so that of two runs of the same load the second waits here, then sees that it is behind.
        var lastId = new NpgsqlParameter { Value = (object?)reader.LastId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
        int advanced = await connection.ExecuteAsync(
            sql.AdvanceLoad, cancellation, table.TableName, name, before.RowsRead, after.RowsRead, after.RowsSkipped, lastId,
            reader.IdsHash, reader.RowsHash, after.IsComplete).ConfigureAwait(false);
        if (advanced != 1)
        {
            throw new InvalidOperationException(
                $"Load '{name}' was advanced or forgotten while this run was reading: another process runs it too. "
                + "Let one run end, then run it again if it is not complete.");
        }
        if (chunk.Count > 0)
        {
            try
            {
                await CopyAsync(connection, chunk, cancellation).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                await transaction.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
                if (await connection.ScalarAsync(sql.FindId, cancellation, chunk.Ids.ToArray()).ConfigureAwait(false) is { } found)
                {
                    string id = IdKind<TId>.Format((TId)found);
                    throw new InvalidOperationException(
                        $"Id '{id}' is in table {sql.Table} already, and occurs again in rows {before.RowsRead}..{after.RowsRead - 1}, "
                        + "counted from 0. "
                        + "Give every row its own id.", e);
                }
                throw;
            }
        }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task CopyAsync(NpgsqlConnection connection, RowChunk<TId> chunk, CancellationToken cancellation)
    {
        NpgsqlBinaryImporter importer = await connection.BeginBinaryImportAsync(sql.Copy, cancellation).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            // An index that is there already takes its time; the token ends the wait.
            importer.Timeout = TimeSpan.Zero;
            NpgsqlDbType[] columns = [.. table.Columns.Select(column => ColumnKind.Of(column.Type).DbType)];
            for (int row = 0; row < chunk.Count; row++)
            {
                await importer.StartRowAsync(cancellation).ConfigureAwait(false);
                await importer.WriteAsync(chunk.Ids[row], ids.DbType, cancellation).ConfigureAwait(false);
                try
                {
                    await (table.EmbeddingColumnType == PgvectorType.HalfVector
                        ? importer.WriteAsync(new HalfVector(Round(chunk.Vector(row).Span)), cancellation)
                        : importer.WriteAsync(new Vector(chunk.Vector(row)), cancellation)).ConfigureAwait(false);
                }
                catch (Exception e) when (Commands.IsUnknownVectorType(e))
                {
                    throw Commands.UnknownVectorType(e);
                }
                for (int i = 0; i < columns.Length; i++)
                {
                    await importer.WriteAsync(chunk.Values[row][i], columns[i], cancellation).ConfigureAwait(false);
                }
            }
            await importer.CompleteAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static Half[] Round(ReadOnlySpan<float> vector)
    {
        var rounded = new Half[vector.Length];
        TensorPrimitives.ConvertToHalf(vector, rounded);
        return rounded;
    }
}
