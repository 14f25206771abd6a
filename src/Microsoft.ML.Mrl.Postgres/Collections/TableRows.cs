using Microsoft.ML.Mrl.Postgres.Search;
using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Collections;

/// <summary>Represents a row of a table. The vector is null if it was not requested.</summary>
internal sealed record TableRow<TId>(TId Id, object?[] Values, float[]? Vector);

/// <summary>Reads, writes and deletes rows of a table by id or by a filter.</summary>
internal sealed class TableRows<TId>(NpgsqlDataSource dataSource, PostgresVectorTableOptions table, VectorTableSql sql)
    where TId : notnull
{
    /// <summary>Writes all rows or none.</summary>
    /// <exception cref="ArgumentException">A vector or a text cannot be stored.</exception>
    public async Task UpsertAsync(IReadOnlyList<TableRow<TId>> rows, CancellationToken cancellation)
    {
        NpgsqlBatch batch = dataSource.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            for (int i = 0; i < rows.Count; i++)
            {
                Check(rows[i], i);
                var command = new NpgsqlBatchCommand(sql.Upsert);
                command.Parameters.AddAll([rows[i].Id, rows[i].Vector, .. rows[i].Values]);
                batch.BatchCommands.Add(command);
            }
            await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
    }

    public async Task DeleteAsync(TId[] ids, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await connection.ExecuteAsync(sql.DeleteIds, cancellation, ids).ConfigureAwait(false);
    }

    public async Task<List<TableRow<TId>>> FindAsync(TId[] ids, bool withVectors, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlCommand command = connection.Command(sql.SelectIds(withVectors), ids);
        return await ReadAsync(command, withVectors, cancellation).ConfigureAwait(false);
    }

    /// <summary>Finds rows by a filter.</summary>
    /// <param name="filter">The filter, or null for all rows.</param>
    /// <param name="orderBy">Columns and whether their order is ascending.</param>
    /// <param name="skip">The number of rows to skip.</param>
    /// <param name="top">The maximum number of rows.</param>
    /// <param name="withVectors">Whether to read vectors.</param>
    /// <param name="cancellation">The token.</param>
    public async Task<List<TableRow<TId>>> FindAsync(
        SearchFilter? filter,
        IEnumerable<(string Column, bool Ascending)> orderBy,
        int skip,
        int top,
        bool withVectors,
        CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlCommand command = connection.Command("", (long)top, (long)skip);
        string condition = filter?.Write(new FilterWriter(table, sql.IdType, command.Parameters)) ?? "";
        command.CommandText = sql.Select(condition, orderBy, withVectors);
        return await ReadAsync(command, withVectors, cancellation).ConfigureAwait(false);
    }

    private async Task<List<TableRow<TId>>> ReadAsync(NpgsqlCommand command, bool withVectors, CancellationToken cancellation)
    {
        var rows = new List<TableRow<TId>>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            object?[] values = [.. table.Columns.Select((column, i) => ColumnKind.Read(reader, 1 + i, column.Type))];
            float[]? vector = withVectors ? reader.GetFieldValue<float[]>(1 + table.Columns.Count) : null;
            rows.Add(new TableRow<TId>(reader.GetFieldValue<TId>(0), values, vector));
        }
        return rows;
    }

    private void Check(TableRow<TId> row, int index)
    {
        string what = $"Record {index} of the batch, counted from 0,";
        if (row.Vector is not { } vector || vector.Length != table.Dimensions)
        {
            throw new ArgumentException($"{what} has {row.Vector?.Length ?? 0} values in its vector, "
                + $"but the table's vectors have {table.Dimensions}.", "records");
        }
        string? problem = table.EmbeddingColumnType == PgvectorType.HalfVector
            ? VectorValidation.Problem(vector, [.. vector.Select(value => (Half)value)], table.ShortDimensions)
            : VectorValidation.Problem(vector, table.ShortDimensions);
        if (problem is not null)
        {
            throw new ArgumentException($"{what} has a vector that {problem}.", "records");
        }
        foreach (object? value in row.Values.Prepend(row.Id))
        {
            if (value is null)
            {
                throw new ArgumentException($"{what} has a null value, but the table's columns have none. Set all properties.", "records");
            }
            if (value is string text && PostgresText.Problem(text) is { } textProblem)
            {
                throw new ArgumentException($"{what} has a text that {textProblem}.", "records");
            }
        }
    }
}
