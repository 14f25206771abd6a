using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>The sample of the package's README, as it stands there but for the schema.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresSampleTests(PostgresServer server)
{
    [Fact]
    public async Task Sample_PrintsWhatIsShown()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        IDataView documents = new MLContext(seed: 1).Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => new Document
        {
            Id = $"doc {i}",
            Text = $"text {i}",
            Year = 2000 + i,
            Embedding = Vector(i),
        }));
        ReadmeSample sample = ReadmeSample.Read("Microsoft.ML.Mrl.Postgres");
        sample.Code = sample.Code.Replace("TableName = ", $"SchemaName = \"{schema.Name}\", TableName = ", StringComparison.Ordinal);

        await sample.RunAsync(
            "", "", ("connectionString", server.ConnectionString), ("documents", documents), ("query", Vector(27)));
    }

    private static float[] Vector(int i) => [MathF.Sin(i + 1), MathF.Cos(i), 1, MathF.Sin(3 * i)];

    private sealed class Document
    {
        public string Id { get; set; } = "";

        public string Text { get; set; } = "";

        public int Year { get; set; }

        [VectorType(4)]
        public float[] Embedding { get; set; } = [];
    }
}
