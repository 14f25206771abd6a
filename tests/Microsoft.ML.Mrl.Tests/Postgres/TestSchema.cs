using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>A schema that is gone after the test.</summary>
internal sealed class TestSchema(NpgsqlDataSource dataSource, string name) : IAsyncDisposable
{
    public NpgsqlDataSource DataSource => dataSource;

    public string Name => name;

    public PostgresVectorTableOptions Options =>
        new() { SchemaName = name, TableName = "items", Dimensions = Rows.Width, ShortDimensions = 8 };

    /// <summary>A table that was created.</summary>
    public async Task<PostgresVectorTable<TId>> TableAsync<TId>(PostgresVectorTableOptions? options = null)
        where TId : notnull
    {
        var table = new PostgresVectorTable<TId>(dataSource, options ?? Options);
        await table.CreateAsync();
        return table;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using NpgsqlCommand command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using NpgsqlCommand command = dataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>All of table <c>items</c> in the order of ids, as text: id, vector and the other columns.</summary>
    public async Task<string[]> ContentAsync(string table = "items")
    {
        await using NpgsqlCommand command = dataSource.CreateCommand($"SELECT t::text FROM \"{name}\".\"{table}\" t ORDER BY id");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }
        return [.. rows];
    }

    public Task<long> CountAsync(string table = "items") => ScalarAsync<long>($"SELECT count(*) FROM \"{name}\".\"{table}\"");

    public async ValueTask DisposeAsync() => await ExecuteAsync($"DROP SCHEMA \"{name}\" CASCADE");
}
