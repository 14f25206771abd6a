using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Rows with vectors whose first values weigh most, made by a seed, and views of them.</summary>
internal static class Rows
{
    public const int Width = 32;

    public static Row[] Make(int count, int seed = 1, int width = Width)
    {
        var random = new Random(seed);
        float[][] centers = [.. Enumerable.Range(0, 20).Select(_ => Vector(random, width))];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            float[] center = centers[random.Next(centers.Length)];
            float[] noise = Vector(random, width);
            return new Row { Id = 1000
                + i, Small = i, Key = $"key {i:D5}", Title = $"title {i}", Embedding = [.. center.Select((v, j) => v + 0.7f * noise[j])] };
        })];
    }

    /// <summary>A view of the rows, one cursor after another, at a width.</summary>
    public static IDataView View(IEnumerable<Row> rows, int width = Width)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Embedding)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return new MLContext(seed: 1).Data.LoadFromEnumerable(rows, schema);
    }

    /// <summary>The rows up to one, where reading fails as a file on a lost drive would.</summary>
    public static IEnumerable<Row> FailingAfter(Row[] rows, int count)
    {
        foreach (Row row in rows.Take(count))
        {
            yield return row;
        }
        throw new IOException("The drive is gone.");
    }

    public static double Cosine(float[] a, float[] b, int dimensions)
    {
        double dot = 0, aa = 0, bb = 0;
        for (int i = 0; i < dimensions; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }
        return dot / Math.Sqrt(aa * bb);
    }

    private static float[] Vector(Random random, int width) =>
        [.. Enumerable.Range(0, width)
            .Select(j => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) / Math.Sqrt(1 + j)))];

    internal sealed class Row
    {
        public long Id { get; set; }

        public int Small { get; set; }

        public string Key { get; set; } = "";

        public string Title { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }
}
