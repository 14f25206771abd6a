using Microsoft.ML.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp;

/// <summary>
/// Small data in which what matters hides behind what varies most: the first half of every vector is loud noise, the second half quiet
/// signal. A raw or PCA prefix sees the noise; a learned one can see the signal.
/// </summary>
internal static class Synthetic
{
    public const int Width = 24;

    /// <summary>All values of rows, <c>[N, D]</c>.</summary>
    public static float[] ValuesOf(VectorRows rows)
    {
        var values = new float[rows.Count * rows.Width];
        for (int row = 0; row < rows.Count; row++)
        {
            rows.CopyPrefix(row, values.AsSpan(row * rows.Width, rows.Width));
        }
        return values;
    }

    public static Example[] Classes(int rows, int classes, int seed)
    {
        var random = new Random(seed);
        float[][] centres = [.. Enumerable.Range(0, classes).Select(_ => Signal(random))];
        return [.. Enumerable.Range(0, rows).Select(
            i => new Example { Input = Vector(random, centres[i % classes]), Label = $"class {i % classes}", Number = i % classes })];
    }

    public static Example[] RandomLabels(int rows, int classes, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows)
            .Select(_ => new Example { Input = Vector(random, Signal(random)), Label = $"class {random.Next(classes)}" })];
    }

    public static Example[] Pairs(int rows, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, rows).Select(_ =>
            {
                float[] signal = Signal(random);
                return new Example
                {
                    Input = Vector(random, signal),
                    Positive = Vector(random, signal),
                    Negative = Vector(random, Signal(random)),
                    Negative2 = Example.Dense([.. signal.Select(_ => 0f), .. signal.Select(s => -s)]),
                    Teacher = Example.Dense([.. signal, 0]),
                };
            }),
        ];
    }

    public static Example[] ScoredPairs(int rows, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, rows).Select(_ =>
            {
                float[] one = Signal(random);
                float[] other = Signal(random);
                float likeness = random.NextSingle();
                float[] mixed = [.. one.Zip(other, (a, b) => likeness * a + (1 - likeness) * b)];
                return new Example { Input = Vector(random, one), Positive = Vector(random, mixed), Score = likeness };
            }),
        ];
    }

    /// <summary>Rows of a few values among many columns; those of a class share some columns.</summary>
    public static Example[] WideSparse(int rows, int width, int classes, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, rows).Select(i =>
            {
                var values = new SortedDictionary<int, float>();
                for (int k = 0; k < 6; k++)
                {
                    values[random.Next(width)] = 1 + random.NextSingle();
                    values[i % classes * 20 + random.Next(10)] = 1 + random.NextSingle();
                }
                return new Example { Input = Example.Sparse(width, [.. values.Select(v => (v.Key, v.Value))]),
                    Label = $"class {i % classes}" };
            }),
        ];
    }

    public static float Gaussian(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static float[] Signal(Random random) => [.. Enumerable.Range(0, Width / 2).Select(_ => Gaussian(random))];

    private static VBuffer<float> Vector(Random random, float[] signal) =>
        Example.Dense(
            [.. Enumerable.Range(0, Width - signal.Length)
            .Select(_ => 3 * Gaussian(random)), .. signal.Select(s => s + 0.3f * Gaussian(random))]);
}
