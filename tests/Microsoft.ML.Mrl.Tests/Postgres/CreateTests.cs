using Microsoft.ML.Data;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class CreateTests(PostgresServer server)
{
    [Fact]
    public async Task Create_Twice_MakesTableAndIndexOnce()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();

        await table.CreateAsync();
        await table.CreateIndexAsync();
        await table.CreateIndexAsync();

        string index = await schema.ScalarAsync<string>(
            $"SELECT indexdef FROM pg_indexes WHERE schemaname = '{schema.Name}' AND indexname = '{table.IndexName}'");
        Assert.Contains(
            "USING hnsw (((subvector(embedding, 1, 8))::vector(8)) vector_cosine_ops) WITH (m='16', ef_construction='64')", index,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_TableOfOtherColumns_SaysWhatIsThere()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        await schema.TableAsync<long>();

        Assert.Contains(
            "another column 'embedding': expected vector(64), got vector(32)",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => schema.TableAsync<long>(schema.Options with { Dimensions = 64 })))
            .Message, StringComparison.Ordinal);
        Assert.Contains(
            "another column 'id': expected text, got bigint",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => schema.TableAsync<string>())).Message, StringComparison.Ordinal);
        Assert.Contains(
            "no column 'title': expected text, got none",
            (await Assert.ThrowsAsync<InvalidOperationException>(
                () => schema.TableAsync<long>(schema.Options with { Columns = [new("title")] }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_IdsNotUnique_Refuses()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        await schema.TableAsync<long>(schema.Options with { TableName = "first" });
        await schema.ExecuteAsync($"CREATE TABLE \"{schema.Name}\".items (id bigint, embedding vector({Rows.Width}))");

        Assert.Contains(
            "is not unique", (await Assert.ThrowsAsync<InvalidOperationException>(() => schema.TableAsync<long>())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateIndex_OtherSettingsOrNameTaken_Refuses()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        await table.CreateIndexAsync();

        var other = new PostgresVectorTable<long>(schema.DataSource, schema.Options with { M = 8 });
        Assert.Contains(
            "was built with m=16,ef_construction=64, not with m=8,ef_construction=64",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => other.CreateIndexAsync())).Message, StringComparison.Ordinal);

        await schema.ExecuteAsync(
            $"DROP INDEX \"{schema.Name}\".\"{table.IndexName}\"; CREATE TABLE \"{schema.Name}\".\"{table.IndexName}\" (x int)");
        Assert.Contains(
            "that is not the index of table", (await Assert.ThrowsAsync<InvalidOperationException>(() => table.CreateIndexAsync())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_AwkwardNames_AreNamesAndNothingElse()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        await schema.ExecuteAsync($"CREATE TABLE \"{schema.Name}\".keep (x int)");
        PostgresVectorTable<string> table = await schema.TableAsync<string>(schema.Options with
        {
            TableName = $"Odd \"name\"; DROP TABLE {schema.Name[..12]}.keep; --",
            LoadTableName = "select",
            IdColumnName = "$1",
            EmbeddingColumnName = "é@p, (x) :y",
            Columns = [new("Title")],
            IndexMemoryMiB = 64,
        });
        Rows.Row[] rows = Rows.Make(40);

        await table.LoadAsync("l'oad \"1\"", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Key", RowsPerChunk = 15 });
        await table.CreateIndexAsync();
        await table.CreateIndexAsync();
        IReadOnlyList<VectorMatch<string>> found = await table.SearchAsync(rows[7].Embedding, 3, new() { NumberOfCandidates = 40 });

        Assert.Equal(("key 00007", "title 7"), (found[0].Id, found[0].Get<string>("Title")));
        Assert.Equal(0, await schema.CountAsync("keep"));
    }

    [Fact]
    public async Task Create_PartitionedTable_IsTaken()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        await schema.TableAsync<long>(schema.Options with { TableName = "first" });
        await schema.ExecuteAsync(
            $"""
            CREATE TABLE "{schema.Name}".items (id bigint PRIMARY KEY, embedding vector({Rows.Width}) NOT NULL) PARTITION BY HASH (id);
            CREATE TABLE "{schema.Name}".items_0 PARTITION OF "{schema.Name}".items FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE "{schema.Name}".items_1 PARTITION OF "{schema.Name}".items FOR VALUES WITH (MODULUS 2, REMAINDER 1)
            """);
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(200);

        await table.LoadAsync("all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id" });
        await table.CreateIndexAsync();

        Assert.InRange(await schema.CountAsync("items_0"), 1, 199);
        Assert.Equal(
            (await table.SearchExactAsync(rows[3].Embedding)).Select(m => m.Id),
            (await table.SearchAsync(rows[3].Embedding, 10, new() { NumberOfCandidates = 200 })).Select(m => m.Id));
    }

    [Fact]
    public async Task Create_HashPartitions_LoadResumesAndSearchMergesTheirIndexes()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        string name = new('é', 31);
        PostgresVectorTable<string> table = await schema.TableAsync<string>(
            schema.Options with { TableName = name, HashPartitions = 3, ShortDimensions = 16,
            Columns = [new("Title"), new("Small", DataKind.Int32)] });
        Rows.Row[] rows = Rows.Make(1500);
        var options = new VectorLoadOptions { IdColumnName = "Key", RowsPerChunk = 400 };
        await Assert.ThrowsAnyAsync<Exception>(() => table.LoadAsync("all", Rows.View(Rows.FailingAfter(rows, 900)), options));
        Assert.Equal(800, await schema.CountAsync(name));
        Assert.Equal(1500, (await table.LoadAsync("all", Rows.View(rows), options)).RowsLoaded);
        await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("again", Rows.View(rows[7..8]), options));
        await table.CreateAsync();
        await table.CreateIndexAsync();
        await table.CreateIndexAsync();

        Assert.Equal(
            3, await schema.ScalarAsync<long>(
                $"SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass('\"{schema.Name}\".\"{name}\"')"));
        Assert.Equal(3, await schema.ScalarAsync<long>($"SELECT count(DISTINCT tableoid) FROM \"{schema.Name}\".\"{name}\""));
        await using NpgsqlDataSource indexed = PostgresServer.Open(server.ConnectionString, "SET enable_seqscan = off");
        var searched = new PostgresVectorTable<string>(indexed, table.Options);
        try
        {
            string plan = await searched.ExplainSearchAsync(rows[0].Embedding);
            Assert.Contains("Merge Append", plan, StringComparison.Ordinal);
            Assert.Equal(3, plan.Split("Index Scan using").Length - 1);
            int hits = 0;
            Rows.Row[] queries = Rows.Make(20, seed: 2);
            foreach (Rows.Row query in queries)
            {
                var truth = (await table.SearchExactAsync(query.Embedding)).Select(match => match.Id).ToHashSet();
                hits += (await searched.SearchAsync(query.Embedding)).Count(match => truth.Contains(match.Id));
            }
            Assert.InRange(hits / (10.0 * queries.Length), 0.9, 1);
            VectorMatch<string> found =
                (await searched.SearchAsync(rows[9].Embedding, options: new() { Filter = SearchFilter.Equal("Small", 9) }))[0];
            Assert.Equal(("key 00009", "title 9"), (found.Id, found.Get<string>("Title")));
        }
        finally
        {
            await schema.ExecuteAsync("RESET enable_seqscan");
        }
    }

    [Fact]
    public async Task Load_DataSourceWithoutVectors_SaysHowToBuildIt()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        await schema.TableAsync<long>();
        await using NpgsqlDataSource plain = NpgsqlDataSource.Create(server.ConnectionString);
        var table = new PostgresVectorTable<long>(plain, schema.Options);

        Assert.Contains(
            "UseVector()", (await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("load", Rows.View(Rows.Make(2)))))
            .Message, StringComparison.Ordinal);
        Assert.Contains(
            "UseVector()", (await Assert.ThrowsAsync<InvalidOperationException>(() => table.SearchAsync(Rows.Make(1)[0].Embedding)))
            .Message, StringComparison.Ordinal);
        Assert.Equal(0, await schema.CountAsync());
    }
}
