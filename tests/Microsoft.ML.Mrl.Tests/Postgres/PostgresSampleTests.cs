using Microsoft.ML.Data;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>The sample of the README, as it stands there but for the connection.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresSampleTests(PostgresServer server)
{
    [Fact]
    public async Task Sample_FindsTheDocument()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        var mlContext = new MLContext(seed: 1);
        IDataView documents = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => new Document { Id = $"doc {i}", Text = $"text {i}", Embedding = [MathF.Sin(i + 1), MathF.Cos(i), 1, MathF.Sin(3 * i)] }));
        float[] query = [MathF.Sin(8), MathF.Cos(7), 1, MathF.Sin(21)];

        var builder = new NpgsqlDataSourceBuilder(server.ConnectionString);
        builder.UseVector();
        await using NpgsqlDataSource dataSource = builder.Build();
        var table = new PostgresVectorTable<string>(dataSource, new PostgresVectorTableOptions
        {
            SchemaName = schema.Name,
            TableName = "documents",
            Dimensions = 4,
            ShortDimensions = 2,
            Columns = [new("Text")],
        });
        await table.CreateAsync();
        await table.LoadAsync("corpus 2026-11", documents, new VectorLoadOptions { IdColumnName = "Id", Fingerprint = "model 1" });
        await table.CreateIndexAsync();
        var output = new StringWriter();
        foreach (VectorMatch<string> match in await table.SearchAsync(query, top: 10, new PostgresSearchOptions { NumberOfCandidates = 20 }))
        {
            output.WriteLine($"{match.Score:F3} {match.Id} {match.Get<string>("Text")}");
        }

        Assert.StartsWith("1.000 doc 7 text 7", output.ToString(), StringComparison.Ordinal);
    }

    private sealed class Document
    {
        public string Id { get; set; } = "";

        public string Text { get; set; } = "";

        [VectorType(4)]
        public float[] Embedding { get; set; } = [];
    }
}
