using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>A row with a column of every type.</summary>
internal sealed class Document
{
    public static readonly TableColumn[] Columns =
    [
        new("Language"), new("Draft", DataKind.Boolean), new("Year", DataKind.Int32), new("Size", DataKind.Int64),
        new("Price", DataKind.Single),
        new("Weight", DataKind.Double), new("Day", DataKind.DateTime),
    ];

    public long Id { get; set; }

    public string Language { get; set; } = "";

    public bool Draft { get; set; }

    public int Year { get; set; }

    public long Size { get; set; }

    public float Price { get; set; }

    public double Weight { get; set; }

    public DateTime Day { get; set; }

    [VectorType(Rows.Width)]
    public float[] Embedding { get; set; } = [];

    public static Document[] Make(int count) => [.. Rows.Make(count).Select((row, i) => new Document
    {
        Id = row.Id,
        Language = new[] { "en", "de", "fr", "it's" }[i % 4],
        Draft = i % 3 == 0,
        Year = 2000 + (i % 20),
        Size = 5_000_000_000L * (i % 5),
        Price = 0.1f * (i % 7),
        Weight = i / 3.0,
        Day = new DateTime(2026, 1, 1).AddHours(i),
        Embedding = row.Embedding,
    })];

    public static IDataView View(IEnumerable<Document> documents) => new MLContext(seed: 1).Data.LoadFromEnumerable(documents);
}
