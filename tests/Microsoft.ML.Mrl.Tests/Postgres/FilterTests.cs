using Microsoft.ML.Data;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class FilterTests(PostgresServer server)
{
    private static readonly DateTime s_day = new(2026, 1, 3, 4, 0, 0, DateTimeKind.Utc);

    private static readonly long[] s_ids = [1003, 1007];
    private static readonly string[] s_languages = ["de"];

    private static readonly (string Name, SearchFilter Filter, Func<Document, bool> Fits)[] s_filters =
    [
        ("text", SearchFilter.Equal("Language", "it's"), d => d.Language == "it's"),
        ("other text", SearchFilter.NotEqual("Language", "en"), d => d.Language != "en"),
        ("bool", SearchFilter.Equal("Draft", true), d => d.Draft),
        ("below", SearchFilter.LessThan("Year", 2005), d => d.Year < 2005),
        ("at most", SearchFilter.LessThanOrEqual("Year", (short)2005), d => d.Year <= 2005),
        ("beyond int", SearchFilter.LessThan("Year", 3_000_000_000), d => true),
        ("above", SearchFilter.GreaterThan("Size", 10_000_000_000), d => d.Size > 10_000_000_000),
        ("single", SearchFilter.Equal("Price", 0.3f), d => d.Price == 0.3f),
        ("single by double", SearchFilter.Equal("Price", (double)(0.1f * 3)), d => d.Price == 0.1f * 3),
        ("double", SearchFilter.GreaterThanOrEqual("Weight", 50), d => d.Weight >= 50),
        ("time", SearchFilter.GreaterThanOrEqual("Day", s_day), d => d.Day >= s_day),
        ("same time", SearchFilter.Equal("Day", s_day), d => d.Day.Ticks == s_day.Ticks),
        ("id", SearchFilter.LessThanOrEqual("id", 1042), d => d.Id <= 1042),
        ("and", SearchFilter.Equal("Language", "de") & SearchFilter.GreaterThanOrEqual("Year", 2010), d => d.Language == "de"
            && d.Year >= 2010),
        ("or within and", (SearchFilter.Equal("Language", "de") | SearchFilter.Equal("Draft", true)) & !SearchFilter.GreaterThanOrEqual(
            "Year", 2010), d => (d.Language == "de" || d.Draft) && d.Year < 2010),
        ("in", SearchFilter.In("Year", [2001, 2002]), d => d.Year is 2001 or 2002),
        ("in texts", SearchFilter.In("Language", new[] { "fr", "x', 'en" }), d => d.Language == "fr"),
        ("in nothing", SearchFilter.In("Year", Array.Empty<int>()), d => false),
        ("in days", SearchFilter.In("Day", [s_day, s_day.AddHours(1)]), d => d.Day.Ticks == s_day.Ticks || d.Day == s_day.AddHours(1)),
        ("SQL", SearchFilter.Sql($"""upper("Language") = {"FR"} AND "Year" % 2 = {1} -- odd years"""), d => d.Language == "fr"
            && d.Year % 2 == 1),
        ("SQL and more", SearchFilter.Sql($"\"Day\" < {s_day} OR {true}") & SearchFilter.Sql($"{"{1}"} <> '{{2}}'") & SearchFilter.Equal(
            "Draft", false), d => !d.Draft),
        ("SQL with arrays", SearchFilter.Sql($"id = ANY({s_ids}) OR \"Language\" = ANY({s_languages})"), d => d.Id is 1003 or 1007
            || d.Language == "de"),
    ];

    public static TheoryData<string> Names => [.. s_filters.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Search_Filter_FindsTheRowsThatFit(string name)
    {
        (_, SearchFilter filter, Func<Document, bool> fits) = s_filters.Single(f => f.Name == name);
        await using TestSchema schema = await server.NewSchemaAsync();
        (PostgresVectorTable<long> table, Document[] documents) = await LoadAsync(schema, 200);
        float[] query = Rows.Make(1, seed: 2)[0].Embedding;

        long[] expected = [.. documents.Where(fits).OrderByDescending(d => Rows.Cosine(d.Embedding, query, Rows.Width)).Select(d => d.Id)];
        Assert.Equal(expected, (await table.SearchExactAsync(query, 200, filter)).Select(match => match.Id));
        Assert.Equal(
            expected, (await table.SearchAsync(query, 200, new() { NumberOfCandidates = 200, Filter = filter })).Select(match => match.Id));
        Assert.Equal(expected.Take(3), (await table.SearchExactAsync(query, 3, filter)).Select(match => match.Id));
    }

    [Theory]
    [InlineData("'; DROP TABLE items; --")]
    [InlineData("en' OR '1'='1")]
    [InlineData("$1")]
    [InlineData("\\' OR true --")]
    [InlineData("{0}")]
    public async Task Search_ValueThatLooksLikeSql_IsAValue(string value)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        (PostgresVectorTable<long> table, Document[] documents) = await LoadAsync(schema, 20);
        SearchFilter[] filters = [
            SearchFilter.Equal("Language", value), SearchFilter.In("Language", [value]), SearchFilter.Sql($"\"Language\" = {value}"),
            SearchFilter.Sql($"\"Language\" = ANY({new[] { value }})")];

        foreach (SearchFilter filter in filters)
        {
            Assert.Empty(await table.SearchAsync(documents[0].Embedding, options: new() { Filter = filter }));
            Assert.Empty(await table.SearchExactAsync(documents[0].Embedding, 10, filter));
        }
        Assert.Equal(20, await schema.CountAsync());
        Assert.Contains("names column 'Language\" = 'en' OR \"Language', which is not one of the table's: 'id', 'Language'",
            (await Assert.ThrowsAsync<ArgumentException>(
                "options",
                () => table.SearchAsync(
                    documents[0].Embedding, options: new() { Filter = SearchFilter.Equal("Language\" = 'en' OR \"Language", value) })))
                    .Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_AwkwardColumnNames_AreNames()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        const string Odd = "Odd \"name\"; -- $4 {0}";
        var rows = new MLContext(seed: 1);
        IDataView view = rows.Transforms.CopyColumns(Odd, "Year").Fit(Document.View([])).Transform(Document.View(Document.Make(20)));
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { Columns = [new(Odd, DataKind.Int32)] });
        await table.LoadAsync("all", view, new VectorLoadOptions { IdColumnName = "Id" });

        VectorMatch<long> found =
            (await table.SearchAsync(
                Document.Make(1)[0].Embedding,
                options: new() { Filter = SearchFilter.Equal(Odd, 2005) & SearchFilter.Sql($"id < {5000}") })).Single();
        Assert.Equal((1005, 2005), (found.Id, found.Get<int>(Odd)));
    }

    [Fact]
    public async Task Search_WrongFilter_SaysWhatIsWrong()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        (PostgresVectorTable<long> table, Document[] documents) = await LoadAsync(schema, 5);
        (SearchFilter Filter, string Problem)[] wrong =
        [
            (SearchFilter.Equal("year", 2000), "names column 'year', which is not one of the table's: 'id', 'Language', 'Draft'"),
            (SearchFilter.Equal("embedding", 2000), "names column 'embedding', which is not one of the table's"),
            (SearchFilter.Equal("Year", "2000"), "compares column 'Year' of Int32 with a String. Give a value of the column's type."),
            (SearchFilter.Equal("Year", 2000.5), "of Int32 with a Double"),
            (SearchFilter.In("Draft", new object?[] { true, null }), "of Boolean with null"),
            (SearchFilter.Equal("Language", "a\0"), "compares column 'Language' with has a zero character"),
            (SearchFilter.Sql($"\"Year\" = {null}"), "Value 0 of the filter `\"Year\" = {0}`, counted from 0, is null"),
            (SearchFilter.Sql($"\"Year\" = {1} OR {new Uri("http://x")} = ''"), "Value 1 of the filter"),
            (SearchFilter.Sql($"\"Year\" = {2000:N0}"), "has the format 'N0'"),
            (SearchFilter.Sql($"\"Year\" = = {2000}"), "PostgreSQL does not take the filter: syntax error"),
            (SearchFilter.Sql($"year = {2000}"), "PostgreSQL does not take the filter: column \"year\" does not exist"),
            (SearchFilter.Sql($"\"Year\" = {"2000"}"), "PostgreSQL does not take the filter: operator does not exist"),
        ];

        foreach ((SearchFilter filter, string problem) in wrong)
        {
            Assert.Contains(
                problem,
                (await Assert.ThrowsAsync<ArgumentException>(
                    "options", () => table.SearchAsync(documents[0].Embedding, options: new() { Filter = filter })))
                    .Message, StringComparison.Ordinal);
        }
        Assert.Throws<ArgumentNullException>("value", () => SearchFilter.Equal("Year", null!));
        Assert.Throws<ArgumentException>("columnName", () => SearchFilter.Equal("", 1));
        var options = new PostgresSearchOptions { NumberOfCandidates = 1001, MaxScanTuples = 0, IterativeScan = (IterativeScan)7 };
        string message =
            (await Assert.ThrowsAsync<ArgumentException>("options", () => table.SearchAsync(documents[0].Embedding, options: options)))
            .Message;
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("top", () => table.SearchAsync(documents[0].Embedding, 0));
        Assert.All(
            ["NumberOfCandidates is 1001", "MaxScanTuples is 0", "IterativeScan is 7"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    /// <summary>The index knows nothing of the filter: one scan's rows that do not fit leave the short list short. pgvector 0.8 goes on
    /// scanning.</summary>
    [Fact]
    public async Task Search_FilterWithIndex_ShortListIsShortUnlessTheScanGoesOn()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        (PostgresVectorTable<long> table, Document[] documents) = await LoadAsync(schema, 3000, 16);
        await table.CreateIndexAsync();
        await schema.ExecuteAsync($"ANALYZE \"{schema.Name}\".items");
        var version = Version.Parse(await schema.ScalarAsync<string>("SELECT extversion FROM pg_extension WHERE extname = 'vector'"));
        await using NpgsqlDataSource indexed = PostgresServer.Open(
            server.ConnectionString, "SET enable_seqscan = off; SET enable_sort = off");
        var searched = new PostgresVectorTable<long>(indexed, table.Options);
        var options = new PostgresSearchOptions { Filter = SearchFilter.Equal("Year", 2007), IterativeScan = IterativeScan.Off };
        float[][] queries = [.. Rows.Make(20, seed: 3).Select(row => row.Embedding)];
        try
        {
            Assert.Contains(
                $"Index Scan using {table.IndexName}", await searched.ExplainSearchAsync(queries[0], options: options),
                StringComparison.Ordinal);
            (double once, double found) = await MeasureAsync(options);
            Assert.InRange(once, 0.5, 9);
            Assert.True(found < 0.9, $"One scan found {found}.");
            if (version < new Version(0, 8))
            {
                Assert.Equal(
                    (once, found),
                    await MeasureAsync(new PostgresSearchOptions { Filter = options.Filter, IterativeScan = IterativeScan.Automatic }));
                Assert.Contains(
                    $"pgvector {version}, but an iterative scan needs 0.8.0 or later",
                    (await Assert.ThrowsAsync<NotSupportedException>(
                        () => searched.SearchAsync(
                            queries[0],
                            options: new PostgresSearchOptions { Filter = options.Filter, IterativeScan = IterativeScan.StrictOrder })))
                            .Message, StringComparison.Ordinal);
                return;
            }
            foreach (IterativeScan scan in new[] { IterativeScan.Automatic, IterativeScan.RelaxedOrder, IterativeScan.StrictOrder })
            {
                (double rows, found) = await MeasureAsync(new PostgresSearchOptions { Filter = options.Filter, IterativeScan = scan });
                Assert.Equal(10, rows);
                Assert.True(found >= 0.9, $"{scan} found {found}.");
            }
            (double all, _) = await MeasureAsync(
                new PostgresSearchOptions { Filter = options.Filter, IterativeScan = IterativeScan.RelaxedOrder }, 100);
            (double few, _) = await MeasureAsync(
                new PostgresSearchOptions { Filter = options.Filter, IterativeScan = IterativeScan.RelaxedOrder, MaxScanTuples = 1 }, 100);
            Assert.Equal(100, all);
            Assert.InRange(few, once, 99);
            Assert.Equal(
                "off", await schema.ScalarAsync<string>(
                    "SELECT current_setting('hnsw.iterative_scan') FROM (SELECT '[1]'::vector) loads_pgvector"));
        }
        finally
        {
            await schema.ExecuteAsync("RESET enable_seqscan; RESET enable_sort");
        }

        // Rows a search returns, and the part of the true ten among them.
        async Task<(double Rows, double Recall)> MeasureAsync(PostgresSearchOptions asked, int top = 10)
        {
            int rows = 0, hits = 0;
            foreach (float[] query in queries)
            {
                IReadOnlyList<VectorMatch<long>> found = await searched.SearchAsync(query, top, asked);
                Assert.All(found, match => Assert.Equal(2007, match.Get<int>("Year")));
                var truth = documents.Where(d => d.Year == 2007).OrderByDescending(d => Rows.Cosine(d.Embedding, query, Rows.Width))
                    .Take(10).Select(d => d.Id).ToHashSet();
                rows += found.Count;
                hits += found.Count(match => truth.Contains(match.Id));
            }
            return (rows / (double)queries.Length, hits / (10.0 * queries.Length));
        }
    }

    private static async Task<(PostgresVectorTable<long> Table, Document[] Documents)> LoadAsync(
        TestSchema schema, int count, int shortDimensions = 8)
    {
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { Columns = Document.Columns, ShortDimensions = shortDimensions });
        Document[] documents = Document.Make(count);
        await table.LoadAsync("all", Document.View(documents), new VectorLoadOptions { IdColumnName = "Id" });
        return (table, documents);
    }
}
