using Microsoft.Extensions.VectorData;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.ExtensionsAI;
using Microsoft.ML.Mrl.Tests.ExtensionsVectorData;

namespace Microsoft.ML.Mrl.Tests.Postgres.Collections;

[Collection(PostgresCollection.Name)]
public sealed class PostgresRecordCollectionTests(PostgresServer server)
{
    private static readonly TableColumn[] s_columns = [new("text"), new("number", DataKind.Int32), new("Draft", DataKind.Boolean)];

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collection_KeepsTheContract()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        VectorStoreCollection<long, PlainNote> collection = Table(schema).AsVectorStoreCollection<PlainNote>();

        await CollectionContract.CheckAllAsync(collection, _cancellation);
    }

    /// <summary>The decorator on a collection that keeps full and short vectors in PostgreSQL.</summary>
    [Fact]
    public async Task AsMatryoshka_OnPostgres_KeepsTheContract()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        await schema.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS vector");
        using var inner = new TwoVectorTable(schema);
        VectorStoreCollection<long, Note> collection = inner.AsMatryoshka(n => n.Vector, n => n.Short);

        await CollectionContract.CheckAllAsync(collection, _cancellation);

        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(300);
        await collection.UpsertAsync(notes, _cancellation);
        for (int seed = 1000; seed < 1005; seed++)
        {
            float[] query = Notes.Vector(seed);
            IEnumerable<Note> byShort = notes.OrderByDescending(n => Notes.Cosine(n.Vector.Span[..Note.ShortWidth], query)).Take(100);
            long[] expected = [.. byShort.OrderByDescending(n => Notes.Cosine(n.Vector.Span, query)).Skip(1).Take(5).Select(n => n.Key)];
            Assert.Equal(
                expected,
                (await collection.SearchAsync(query, 5, new() { Skip = 1 }, _cancellation).ListAsync()).Select(r => r.Record.Key));
        }
    }

    [Fact]
    public async Task Collection_LoadedRowsAndTextIds_AreRecords()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        var table = new PostgresVectorTable<string>(
            schema.DataSource, schema.Options with { Columns = [new("Language")], EmbeddingColumnType = PgvectorType.HalfVector });
        VectorStoreCollection<string, Article> collection = table.AsVectorStoreCollection<Article>(
            new() { Filter = SearchFilter.NotEqual("Language", "fr") });
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Document[] documents = Document.Make(20);
        await collection.UpsertAsync(
            documents.Select(d => new Article { Id = $"{d.Id}", Language = d.Language, Embedding = d.Embedding }), _cancellation);

        Assert.Equal("1003", (await table.SearchAsync(documents[3].Embedding, 1))[0].Id);
        VectorSearchResult<Article> found =
            (await collection.SearchAsync(documents[3].Embedding, 1, new() { Filter = a => a.Language != "de" }, _cancellation).ListAsync())
            .Single();
        Assert.Equal(("1003", "it's"), (found.Record.Id, found.Record.Language));
        List<VectorSearchResult<Article>> all = await collection.SearchAsync(documents[3].Embedding, 20, null, _cancellation).ListAsync();
        Assert.Equal(15, all.Count);
        Assert.DoesNotContain(all, r => r.Record.Language == "fr");
        Assert.Same(table, collection.GetService(typeof(PostgresVectorTable<string>)));
    }

    [Fact]
    public async Task Collection_TextsWithGenerator_AreEmbedded()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        using var generator = new NumberedGenerator(Note.Width);
        var definition = new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty("Key", typeof(long)), new VectorStoreDataProperty("text", typeof(string)),
                new VectorStoreDataProperty("number", typeof(int)),
                new VectorStoreDataProperty("Draft", typeof(bool)), new VectorStoreVectorProperty("content", typeof(string), Note.Width),
            ],
        };
        VectorStoreCollection<long, Dictionary<string, object?>> collection = Table(schema)
            .AsVectorStoreCollection<Dictionary<string, object?>>(definition: definition, embeddingGenerator: generator);
        await collection.EnsureCollectionExistsAsync(_cancellation);
        await collection.UpsertAsync(new[] { "apple", "zebra", "moon" }.Select((text, i) => new Dictionary<string, object?>
        {
            ["Key"] = (long)i, ["text"] = text, ["number"] = i, ["Draft"] = false, ["content"] = text,
        }), _cancellation);
        Assert.Equal(1, generator.Calls);

        VectorSearchResult<Dictionary<string, object?>> found =
            (await collection.SearchAsync("moon", 1, new() { Filter = r => (int)r["number"]! >= 1 }, _cancellation).ListAsync()).Single();
        Assert.Equal("moon", found.Record["text"]);
        await Assert.ThrowsAsync<NotSupportedException>(() => collection.GetAsync(1, new() { IncludeVectors = true }, _cancellation));
    }

    [Fact]
    public async Task Collection_WrongRecordsAndFilters_SayWhatIsWrong()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        VectorStoreCollection<long, PlainNote> collection = Table(schema).AsVectorStoreCollection<PlainNote>();
        var missing = await Assert.ThrowsAsync<VectorStoreException>(() => collection.GetAsync(1, cancellationToken: _cancellation));
        Assert.Equal(("postgresql", "items", "Get"), (missing.VectorStoreSystemName, missing.CollectionName, missing.OperationName));
        await collection.EnsureCollectionExistsAsync(_cancellation);

        await AssertThrowsAsync<ArgumentException>(
            "Record 1 of the batch, counted from 0, has 2 values in its vector, but the table's vectors have 8",
            () => collection.UpsertAsync([Make(1), Make(2, new float[2])], _cancellation));
        await AssertThrowsAsync<ArgumentException>(
            "Record 1 of the batch, counted from 0, is null", () => collection.UpsertAsync([Make(1), null!], _cancellation));
        await AssertThrowsAsync<ArgumentException>(
            "has a vector that has only zeros", () => collection.UpsertAsync(Make(1, new float[8]), _cancellation));
        await AssertThrowsAsync<ArgumentException>(
            "has a null value",
            () => collection.UpsertAsync(new PlainNote { Key = 1, Text = null!, Vector = Notes.Vector(1) }, _cancellation));
        await AssertThrowsAsync<ArgumentException>(
            "has a text that has a zero character",
            () => collection.UpsertAsync(new PlainNote { Key = 1, Text = "\0", Vector = Notes.Vector(1) }, _cancellation));
        await AssertThrowsAsync<ArgumentException>(
            "The search value has 2 values", () => collection.SearchAsync(new float[2], 1, null, _cancellation).ListAsync());
        await AssertThrowsAsync<NotSupportedException>(
            "cannot be translated into SQL", () => collection.GetAsync(n => n.Text.Length == 3, 1, null, _cancellation).ListAsync());
        await AssertThrowsAsync<NotSupportedException>(
            "A Uri cannot be searched for", () => collection.SearchAsync(new Uri("http://x"), 1, null, _cancellation).ListAsync());
        await AssertThrowsAsync<ArgumentOutOfRangeException>(
            "hnsw.ef_search goes up to 1000",
            () => collection.SearchAsync(Notes.Vector(1), 1000, new() { Skip = 1 }, _cancellation).ListAsync());
        Assert.Empty(await collection.GetAsync(n => true, 10, null, _cancellation).ListAsync());

        static PlainNote Make(long key, float[]? vector = null) => new() { Key = key, Vector = vector ?? Notes.Vector(1) };

        static async Task AssertThrowsAsync<T>(string message, Func<Task> act)
            where T : Exception => Assert.Contains(message, (await Assert.ThrowsAnyAsync<T>(act)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsVectorStoreCollection_OtherColumns_SaysWhatIsWrong()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        AssertThrows("property 'Draft' has the storage name 'Draft', which is not a column", s_columns[..2], Note.Width);
        AssertThrows(
            "The table has a column 'more' of Single, but PlainNote has no data property", [.. s_columns, new("more", DataKind.Single)],
            Note.Width);
        AssertThrows(
            "The table has a column 'number' of Int64, but PlainNote has a property of Int32",
            [new("text"), new("number", DataKind.Int64), s_columns[2]], Note.Width);
        AssertThrows("Property 'Vector' has 8 dimensions, but the table's vectors have 9", s_columns, 9);

        void AssertThrows(string message, TableColumn[] columns, int dimensions)
        {
            var table = new PostgresVectorTable<long>(
                schema.DataSource, schema.Options with { Dimensions = dimensions, ShortDimensions = 4, Columns = columns });
            Assert.Contains(
                message, Assert.Throws<ArgumentException>("definition", () => table.AsVectorStoreCollection<PlainNote>()).Message,
                StringComparison.Ordinal);
        }
    }

    private static PostgresVectorTable<long> Table(TestSchema schema) =>
        new(schema.DataSource, schema.Options with { Dimensions = Note.Width, ShortDimensions = Note.ShortWidth, Columns = s_columns });

    private sealed class Article
    {
        [VectorStoreKey]
        public string Id { get; set; } = "";

        [VectorStoreData]
        public string Language { get; set; } = "";

        [VectorStoreVector(Rows.Width)]
        public float[]? Embedding { get; set; }
    }
}
