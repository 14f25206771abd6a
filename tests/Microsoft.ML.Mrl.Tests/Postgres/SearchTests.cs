using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class SearchTests(PostgresServer server)
{
    [Fact]
    public async Task SearchExactly_IsWhatPlainLoopsFind()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(300);
        await table.LoadAsync("all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id" });
        await schema.ExecuteAsync(
            $"CREATE INDEX ON \"{schema.Name}\".items USING hnsw (embedding vector_cosine_ops) WITH (m = 2, ef_construction = 4)");

        foreach (Rows.Row query in Rows.Make(20, seed: 2))
        {
            (long Id, double Score)[] expected = [
                .. Best(rows, query.Embedding, Rows.Width, 10)
                .Select(row => (row.Id, Rows.Cosine(row.Embedding, query.Embedding, Rows.Width)))];
            AssertSame(expected, await table.SearchExactAsync(query.Embedding));
        }
    }

    /// <summary>Without an index the short list is exact, so that both stages can be compared with plain loops.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 12)]
    [InlineData(10, 300)]
    [InlineData(10, 1000)]
    public async Task Search_IsShortListByPrefixThenFullOrder(int count, int shortList)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { ShortDimensions = 4 });
        Rows.Row[] rows = Rows.Make(300);
        await table.LoadAsync("all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id" });
        bool differs = false;

        foreach (Rows.Row query in Rows.Make(10, seed: 2))
        {
            Rows.Row[] candidates = Best(rows, query.Embedding, 4, shortList);
            (long Id, double Score)[] expected = [
                .. Best(candidates, query.Embedding, Rows.Width, count)
                .Select(row => (row.Id, Rows.Cosine(row.Embedding, query.Embedding, Rows.Width)))];
            AssertSame(expected, await table.SearchAsync(query.Embedding, count, new() { NumberOfCandidates = shortList }));
            differs |= !expected.Select(e => e.Id).SequenceEqual(Best(rows, query.Embedding, Rows.Width, count).Select(row => row.Id));
        }
        Assert.Equal(shortList < rows.Length, differs);
    }

    [Fact]
    public async Task Search_WithIndex_UsesItAndFindsNearlyAll()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { ShortDimensions = 16 });
        Rows.Row[] rows = Rows.Make(3000);
        await table.LoadAsync("all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id" });
        Rows.Row[] queries = Rows.Make(40, seed: 2);
        Assert.DoesNotContain(table.IndexName, await table.ExplainSearchAsync(queries[0].Embedding), StringComparison.Ordinal);

        await table.CreateIndexAsync();
        await schema.ExecuteAsync($"ANALYZE \"{schema.Name}\".items");

        string plan = await table.ExplainSearchAsync(queries[0].Embedding);
        Assert.Contains($"Index Scan using {table.IndexName}", plan, StringComparison.Ordinal);
        int hits = 0;
        foreach (Rows.Row query in queries)
        {
            var truth = (await table.SearchExactAsync(query.Embedding)).Select(match => match.Id).ToHashSet();
            hits += (await table.SearchAsync(query.Embedding)).Count(match => truth.Contains(match.Id));
        }
        double recall = hits / (10.0 * queries.Length);
        Assert.True(recall >= 0.9, $"Recall@10 is {recall}.");
    }

    /// <summary>pgvector gives no more rows from an index than hnsw.ef_search, 40 unless it is set.</summary>
    [Fact]
    public async Task Search_ShortListAboveTheDefault_WidensTheIndexScanForItselfAlone()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(1000);
        await table.LoadAsync("all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id" });
        await table.CreateIndexAsync();
        await using NpgsqlDataSource indexed = PostgresServer.Open(server.ConnectionString, "SET enable_seqscan = off");
        var searched = new PostgresVectorTable<long>(indexed, schema.Options);
        try
        {
            Assert.Contains(
                $"Index Scan using {table.IndexName}",
                await searched.ExplainSearchAsync(rows[0].Embedding, 150, new() { NumberOfCandidates = 150 }), StringComparison.Ordinal);
            Assert.Equal(150, (await searched.SearchAsync(rows[0].Embedding, 150, new() { NumberOfCandidates = 150 })).Count);
            Assert.Equal(
                "40", await schema.ScalarAsync<string>(
                    "SELECT current_setting('hnsw.ef_search') FROM (SELECT '[1]'::vector) loads_pgvector"));
        }
        finally
        {
            await schema.ExecuteAsync("RESET enable_seqscan");
        }
    }

    [Fact]
    public async Task Search_EqualRows_ComeInTheOrderOfIds()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        float[] vector = Rows.Make(1)[0].Embedding;
        Rows.Row[] rows = [.. new long[] { 9, 3, 7, 1, 5 }.Select(id => new Rows.Row { Id = id, Embedding = vector })];
        await table.LoadAsync("same", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id" });

        Assert.Equal([1, 3, 5], (await table.SearchExactAsync(vector, 3)).Select(match => match.Id));
        Assert.Equal([1, 3, 5, 7, 9], (await table.SearchAsync(vector)).Select(match => match.Id));
        float[] opposite = [.. vector.Select(v => -2 * v)];
        Assert.All(await table.SearchAsync(opposite), match => Assert.Equal(-1, match.Score, 1e-6));
    }

    [Fact]
    public async Task Search_PrefixAsLongAsTheVector_IsTheFullOrder()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { ShortDimensions = Rows.Width });
        Rows.Row[] rows = Rows.Make(100);
        await table.LoadAsync("all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id" });
        await table.CreateIndexAsync();

        Assert.Equal(
            await Ids(table.SearchExactAsync(rows[5].Embedding)),
            await Ids(table.SearchAsync(rows[5].Embedding, 10, new() { NumberOfCandidates = 100 })));

        static async Task<long[]> Ids(Task<IReadOnlyList<VectorMatch<long>>> matches) => [.. (await matches).Select(match => match.Id)];
    }

    private static Rows.Row[] Best(IEnumerable<Rows.Row> rows, float[] query, int dimensions, int count) =>
        [.. rows.OrderByDescending(row => Rows.Cosine(row.Embedding, query, dimensions)).ThenBy(row => row.Id).Take(count)];

    private static void AssertSame((long Id, double Score)[] expected, IReadOnlyList<VectorMatch<long>> found)
    {
        Assert.Equal(expected.Select(e => e.Id), found.Select(match => match.Id));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Score, found[i].Score, 1e-5);
        }
    }
}
