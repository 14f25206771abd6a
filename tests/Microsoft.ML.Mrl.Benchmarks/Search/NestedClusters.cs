using System.Numerics;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// Vectors such as Matryoshka training makes, by code: coordinate j has standard deviation (j + 1)^-decay, so short prefixes hold most of
/// the length, and rows gather around topics and subtopics: a row is
/// 0.6 topic + 0.6 subtopic + 0.53 of its own, each drawn with that spectrum. A query is a row with noise of the same spectrum, 0.4 of
/// its length.
/// </summary>
internal static class NestedClusters
{
    private const int Topics = 200;
    private const int SubtopicsEach = 50;

    public static float[] Rows(int count, int width, double decay, int seed)
    {
        float[] spectrum = Spectrum(width, decay);
        float[] topics = new float[Topics * width], subtopics = new float[Topics * SubtopicsEach * width],
        rows = new float[(long)count * width];
        Parallel.For(0, Topics, i => Draw(topics, i, spectrum, seed, 1));
        Parallel.For(0, Topics * SubtopicsEach, i => Draw(subtopics, i, spectrum, seed, 2));
        Parallel.For(0, count, i =>
        {
            Draw(rows, i, spectrum, seed, 3);
            int subtopic = new Random(HashCode(seed, 4, i)).Next(Topics * SubtopicsEach);
            Span<float> row = rows.AsSpan(i * width, width);
            Span<float> own = subtopics.AsSpan(subtopic * width, width), topic = topics.AsSpan(subtopic / SubtopicsEach * width, width);
            for (int c = 0; c < width; c++)
            {
                row[c] = (0.6f * topic[c]) + (0.6f * own[c]) + (0.53f * row[c]);
            }
        });
        return rows;
    }

    public static float[] Queries(float[] rows, int width, double decay, int count, int seed)
    {
        float[] spectrum = Spectrum(width, decay), queries = new float[count * width];
        for (int q = 0; q < count; q++)
        {
            Draw(queries, q, spectrum, seed, 5);
            int row = new Random(HashCode(seed, 6, q)).Next(rows.Length / width);
            for (int c = 0; c < width; c++)
            {
                queries[(q * width) + c] = rows[(row * width) + c] + (0.4f * queries[(q * width) + c]);
            }
        }
        return queries;
    }

    private static float[] Spectrum(int width, double decay) => [.. Enumerable.Range(0, width).Select(j => (float)Math.Pow(j + 1, -decay))];

    private static void Draw(float[] target, int row, float[] spectrum, int seed, int stream)
    {
        var random = new Random(HashCode(seed, stream, row));
        Span<float> values = target.AsSpan(row * spectrum.Length, spectrum.Length);
        for (int c = 0; c < values.Length; c += 2)
        {
            // Box and Muller.
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), angle = 2 * Math.PI * random.NextDouble();
            values[c] = (float)(radius * Math.Cos(angle)) * spectrum[c];
            if (c + 1 < values.Length)
            {
                values[c + 1] = (float)(radius * Math.Sin(angle)) * spectrum[c + 1];
            }
        }
    }

    private static int HashCode(int seed, int stream, int row)
    {
        ulong z = (((ulong)(uint)seed * 31) + (ulong)stream) * 0x9E3779B97F4A7C15UL + (uint)row;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = BitOperations.RotateLeft(z, 27) * 0x94D049BB133111EBUL;
        return (int)(z ^ (z >> 31)) & int.MaxValue;
    }
}
