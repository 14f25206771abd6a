using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>Rows to search, queries to tune with, and others to time.</summary>
internal sealed record SearchCollection(
    string Name, int Width, float[] Rows, float[] Sample, float[] Queries, MatryoshkaDimensions? Prefixes = null)
{
    private const double Decay = 0.75;

    public static SearchCollection Load(string name, SearchSettings settings, Lazy<(float[] Vector, string? Label)[]> texts)
    {
        if (name == "made")
        {
            float[] made = NestedClusters.Rows(settings.Made, settings.Width, Decay, settings.Seed);
            return new SearchCollection(
                $"made, {settings.Made:N0} x {settings.Width}", settings.Width, made,
                NestedClusters.Queries(made, settings.Width, Decay, settings.Sample, settings.Seed + 1),
                NestedClusters.Queries(made, settings.Width, Decay, settings.Queries, settings.Seed + 2));
        }
        (float[] Vector, string? Label)[] shuffled = [.. texts.Value];
        new Random(settings.Seed).Shuffle(shuffled);
        int sample = Math.Min(settings.Sample, shuffled.Length / 10), queries = Math.Min(settings.Queries, shuffled.Length / 10);
        int rows = Math.Min(shuffled.Length - sample - queries, settings.Rows);
        EmbeddingHead? head = name == "raw" ? null : Fit(name, shuffled[..rows], settings.Seed);
        float[][] vectors = [.. shuffled.Select(row => Map(head, row.Vector))];
        return new SearchCollection(
            $"{name switch { "raw" => "MiniLM, raw", "pca" => "MiniLM, rotated by PCA", _ => "MiniLM, trained head" }}, {rows:N0} x {vectors[0].Length}",
            vectors[0].Length, [.. vectors.Take(rows).SelectMany(v => v)], [.. vectors.Skip(rows).Take(sample).SelectMany(v => v)],
            [.. vectors.Skip(rows + sample).Take(queries).SelectMany(v => v)],
            name == "head" ? new MatryoshkaDimensions(8, 16, 32, 64, vectors[0].Length) : null);
    }

    // Neither sees the queries.
    private static EmbeddingHead Fit(string name, (float[] Vector, string? Label)[] rows, int seed)
    {
        var mlContext = new MLContext(seed);
        int width = rows[0].Vector.Length;
        IDataView View(IEnumerable<(float[] Vector, string? Label)> own) => Example.View(
            mlContext, [.. own.Select(row => new Example { Vector = row.Vector, Other = row.Vector, Label = row.Label ?? "" })]);
        return name == "pca"
            ? mlContext.Transforms.PcaRotate("Embedding", nameof(Example.Vector), width).Fit(View(rows)).Head
            : mlContext.Transforms.MrlFineTune(new MrlFineTuneOptions
            {
                OutputColumnName = "Embedding", InputColumnName = nameof(Example.Vector),
                Objective = MrlObjective.Classification(nameof(Example.Label)),
                Dimensions = new MatryoshkaDimensions(8, 16, 32, 64, width), Head = HeadKind.Residual,
            }).Fit(View(rows.Where(row => row.Label is not null))).Head;
    }

    private static float[] Map(EmbeddingHead? head, float[] vector)
    {
        if (head is null)
        {
            return vector;
        }
        var mapped = new float[head.OutputDimensions];
        head.Apply(vector, mapped);
        return mapped;
    }
}
