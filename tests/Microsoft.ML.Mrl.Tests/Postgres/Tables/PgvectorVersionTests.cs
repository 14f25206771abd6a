namespace Microsoft.ML.Mrl.Tests.Postgres.Tables;

[Collection(PostgresCollection.Name)]
public sealed class PgvectorVersionTests(PostgresServer server)
{
    [Theory]
    [InlineData("0.6.2", false, false)]
    [InlineData("0.7.0", true, false)]
    [InlineData("0.7.4", true, false)]
    [InlineData("0.8.0", true, true)]
    [InlineData("0.10.0", true, true)]
    [InlineData("1.0", true, true)]
    public async Task Features_NeedTheVersionTheyCameWith(string version, bool works, bool iterates)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        Assert.SkipUnless(server.IsPGlite, "It changes the database's catalog, which only the tests' own PGlite is for.");
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        string own = await schema.ScalarAsync<string>("SELECT extversion FROM pg_extension WHERE extname = 'vector'");
        float[] query = Rows.Make(1)[0].Embedding;
        try
        {
            await schema.ExecuteAsync($"UPDATE pg_extension SET extversion = '{version}' WHERE extname = 'vector'");
            await CheckAsync(works, () => table.CreateAsync(), $"pgvector {version}, but subvector needs 0.7.0 or later");
            await CheckAsync(works, () => table.CreateIndexAsync(), $"pgvector {version}, but subvector needs 0.7.0 or later");
            await CheckAsync(
                iterates, () => table.SearchAsync(query, options: new() { IterativeScan = IterativeScan.RelaxedOrder }),
                $"pgvector {version}, but an iterative scan needs 0.8.0 or later");
            await CheckAsync(
                iterates, () => table.SearchAsync(query, options: new() { MaxScanTuples = 5 }),
                $"pgvector {version}, but an iterative scan needs 0.8.0 or later");
            Assert.Empty(await table.SearchAsync(query, options: new() { Filter = SearchFilter.Equal("id", 1) }));
        }
        finally
        {
            await schema.ExecuteAsync($"UPDATE pg_extension SET extversion = '{own}' WHERE extname = 'vector'");
        }

        static async Task CheckAsync(bool works, Func<Task> act, string problem)
        {
            if (works)
            {
                await act();
                return;
            }
            Assert.Contains(problem, (await Assert.ThrowsAsync<NotSupportedException>(act)).Message, StringComparison.Ordinal);
        }
    }
}
