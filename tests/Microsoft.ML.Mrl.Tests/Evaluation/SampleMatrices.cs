using CsCheck;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

/// <summary>Vectors for tests, the awkward ones included: zeros, zero prefixes, duplicates, doubled and negated copies, huge and tiny
/// ones.</summary>
internal static class SampleMatrices
{
    /// <summary>A matrix of <paramref name="count"/> rows of <paramref name="width"/> values, about a third of them awkward.</summary>
    public static EmbeddingMatrix Awkward(int seed, int count, int width)
    {
        var random = new Random(seed);
        var values = new float[count * width];
        for (int i = 0; i < count; i++)
        {
            Span<float> row = values.AsSpan(i * width, width);
            for (int c = 0; c < width; c++)
            {
                row[c] = (random.NextSingle() * 2) - 1;
            }
            ReadOnlySpan<float> earlier = i == 0 ? row : values.AsSpan(random.Next(i) * width, width);
            switch (random.Next(18))
            {
                case 0: row.Clear(); break;
                case 1:
                    row[..(width / 2)].Clear();
                    // The prefix that ends here must be equal in all such rows: parallel ones tie in theory, but not in rounded numbers.
                    row[width / 2] = 0.5f;
                    break;
                case 2: earlier.CopyTo(row); break;
                case 3: Scale(earlier, row, 2); break;
                case 4: Scale(earlier, row, -1); break;
                case 5: Scale(row, row, 1e30f); break;
            }
        }
        return new EmbeddingMatrix(values, count, width);
    }

    public static EmbeddingMatrix Random(int seed, int count, int width)
    {
        var random = new Random(seed);
        return new EmbeddingMatrix(Enumerable.Range(0, count * width).Select(_ => (random.NextSingle() * 2) - 1).ToArray(), count, width);
    }

    public static EmbeddingMatrix Of(params float[][] rows) => new(rows.SelectMany(row => row).ToArray(), rows.Length, rows[0].Length);

    /// <summary>Some of 1..<paramref name="width"/>, in-between ones too.</summary>
    public static MatryoshkaDimensions SomeDimensions(int seed, int width)
    {
        var random = new Random(seed);
        int[] some = [.. Enumerable.Range(1, width).Where(_ => random.Next(4) == 0)];
        return new MatryoshkaDimensions(some.Length == 0 ? [width] : some);
    }

    /// <summary>Sizes and a seed: rows, other rows, width, seed.</summary>
    public static Gen<(int Rows, int Others, int Width, int Seed)> Sizes(int most)
        => Gen.Select(Gen.Int[1, most], Gen.Int[1, most], Gen.Int[1, 40], Gen.Int[0, 1_000_000]);

    private static void Scale(ReadOnlySpan<float> source, Span<float> target, float factor)
    {
        for (int c = 0; c < target.Length; c++)
        {
            // Rows may be huge already.
            target[c] = float.IsFinite(source[c] * factor) && MathF.Abs(source[c] * factor) < 1e35f ? source[c] * factor : source[c];
        }
    }
}
