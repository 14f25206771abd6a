using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Benchmarks.Truncation;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Benchmarks.Quantization;

/// <summary>
/// What does a scan of quantized vectors take against one of the same vectors in single precision, and quantizing a column against copying
/// it? And which score of signed bytes ranks best?
/// <c>dotnet run -c Release -- quantize [rounds] [scan|batch|columns|rank]</c>. One thread unless said otherwise; the variants take turns,
/// and the medians of the rounds' ratios are reported.
/// </summary>
internal static class QuantizeProgram
{
    private static float s_sink;

    public static int Run(string[] args)
    {
        int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 15;
        string part = args.Length > 1 ? args[1] : "all";
        foreach ((int rows, int width) in Chosen("scan", (40_000, 768), (40_000, 256), (1_000, 768)))
        {
            Scan(rows, width, rounds);
        }
        foreach ((int rows, int width) in Chosen("batch", (40_000, 768), (40_000, 128)))
        {
            Batch(rows, width, Math.Max(3, rounds / 3));
        }
        foreach ((int rows, int width) in Chosen("columns", (100_000, 768), (100_000, 256)))
        {
            Columns(rows, width, Math.Max(3, rounds / 3));
        }
        foreach ((int rows, int width) in Chosen("rank", (5_000, 768), (5_000, 128)))
        {
            Rank(rows, width);
        }
        return float.IsNaN(s_sink) ? 1 : 0;

        (int Rows, int Width)[] Chosen(string name, params (int, int)[] sizes) => part == "all" || part == name ? sizes : [];
    }

    /// <summary>64 queries: one by one, together on one thread, and together on all.</summary>
    private static void Batch(int count, int width, int rounds)
    {
        const int queries = 64;
        var stored = new EmbeddingMatrix(Rows(count, width, 1), count, width);
        float[] asking = Rows(queries, width, 2);
        foreach (EmbeddingType type in Enum.GetValues<EmbeddingType>())
        {
            QuantizedVectors vectors = QuantizedVectors.From(
                stored, type, width, type == EmbeddingType.Int8 ? QuantizedRows.FindRanges(stored, width) : null);
            Compare($"{queries} searches of {count} x {width} for 10, {type}", rounds,
            [
                ("one by one, one thread", () => { vectors.MaxDegreeOfParallelism = 1; for (int q = 0; q < queries; q++) { s_sink += vectors.Search(asking.AsSpan(q * width, width), 10)[0].Score; } }),
                ("one by one, all threads", () => { vectors.MaxDegreeOfParallelism = -1; for (int q = 0; q < queries; q++) { s_sink += vectors.Search(asking.AsSpan(q * width, width), 10)[0].Score; } }),
                ("together, one thread", () => { vectors.MaxDegreeOfParallelism = 1; s_sink += vectors.SearchMany(asking, 10)[0][0].Score; }),
                ("together, all threads", () => { vectors.MaxDegreeOfParallelism = -1; s_sink += vectors.SearchMany(asking, 10)[0][0].Score; }),
            ]);
        }
    }

    private static void Scan(int count, int width, int rounds)
    {
        float[] rows = Rows(count, width, 1), query = Rows(1, width, 2);
        Int8Ranges ranges = Int8Ranges.FromRows(rows, width);
        var halves = new Half[rows.Length];
        var codes = new sbyte[rows.Length];
        int stride = BinaryCodec.ByteCount(width);
        var bits = new byte[count * stride];
        HalfCodec.Quantize(rows, halves);
        for (int i = 0; i < count; i++)
        {
            ranges.Quantize(rows.AsSpan(i * width, width), codes.AsSpan(i * width, width));
            BinaryCodec.Pack(rows.AsSpan(i * width, width), bits.AsSpan(i * stride, stride));
        }
        var own = new byte[stride];
        BinaryCodec.Pack(query, own);
        var scores = new float[count];
        var room = new float[width];
        var stored = new EmbeddingMatrix(rows, count, width);
        QuantizedVectors wholes = QuantizedVectors.From(stored, EmbeddingType.Single, width, null),
        signs = QuantizedVectors.From(stored, EmbeddingType.Binary, width, null),
            bytes = QuantizedVectors.From(stored, EmbeddingType.Int8, width, QuantizedRows.FindRanges(stored, width)),
            shorts = QuantizedVectors.From(stored, EmbeddingType.Half, width, null);
        foreach (QuantizedVectors vectors in new[] { wholes, signs, bytes, shorts })
        {
            vectors.MaxDegreeOfParallelism = 1;
        }

        Compare($"scan of {count} x {width}", rounds,
        [
            ("float32, TensorPrimitives.Dot", () => { for (int i = 0; i < count; i++) { scores[i] = TensorPrimitives.Dot(query, rows.AsSpan(i * width, width)); } }),
            ("half, ours", () => { for (int i = 0; i < count; i++) { scores[i] = HalfKernel.Dot(query, MemoryMarshal.Cast<Half, short>(halves.AsSpan(i * width, width))); } }),
            ("half, TensorPrimitives.ConvertToSingle and Dot", () => { for (int i = 0; i < count; i++) { TensorPrimitives.ConvertToSingle(halves.AsSpan(i * width, width), room); scores[i] = TensorPrimitives.Dot(query, room); } }),
            ("int8, query in float32, ours", () => { for (int i = 0; i < count; i++) { scores[i] = Int8Kernel.Dot(query, codes.AsSpan(i * width, width)); } }),
            ("binary, query in float32, ours", () => { for (int i = 0; i < count; i++) { scores[i] = BinaryKernel.DotSigns(query, bits.AsSpan(i * stride, stride)); } }),
            ("binary, Hamming, ours", () => { for (int i = 0; i < count; i++) { scores[i] = BinaryKernel.Hamming(own, bits.AsSpan(i * stride, stride)); } }),
            ("binary, TensorPrimitives.HammingBitDistance", () => { for (int i = 0; i < count; i++) { scores[i] = TensorPrimitives.HammingBitDistance<byte>(own, bits.AsSpan(i * stride, stride)); } }),
            ("Search for 10, float32", () => scores[0] = wholes.Search(query, 10)[0].Score),
            ("Search for 10, half", () => scores[0] = shorts.Search(query, 10)[0].Score),
            ("Search for 10, int8", () => scores[0] = bytes.Search(query, 10)[0].Score),
            ("Search for 10, binary", () => scores[0] = signs.Search(query, 10)[0].Score),
            ("Search for 100 binary, re-ranked by int8 to 10", () =>
                scores[0] = bytes.Rescore(query, signs.Search(query, 100), 10)[0].Score),
        ]);
        s_sink += scores[0];
    }

    private static void Columns(int count, int width, int rounds)
    {
        var ml = new MLContext(1);
        var source = new CycledVectors(count, 256, width, 1);
        IDataView Quantized(EmbeddingType type, int? dimensions) => ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, dimensions)
            .Fit(new CycledVectors(512, 256, width, 1)).Transform(source);
        IDataView half = Quantized(EmbeddingType.Half, null), bytes = Quantized(EmbeddingType.Int8, null),
        bits = Quantized(EmbeddingType.Binary, null), cut = Quantized(EmbeddingType.Int8, 128);
        Compare($"a column of {count} x {width} in a view", rounds,
        [
            ("read, which copies a row", () => Turns.Pull<float>(source, "Embedding")),
            ("read and quantized to half", () => Turns.Pull<ushort>(half, "Q")),
            ("read and quantized to int8", () => Turns.Pull<sbyte>(bytes, "Q")),
            ("read and quantized to binary", () => Turns.Pull<byte>(bits, "Q")),
            ("read, cut to 128 and quantized to int8", () => Turns.Pull<sbyte>(cut, "Q")),
        ]);
    }

    /// <summary>The share of the 10 nearest by cosine that each score puts among its first 10.</summary>
    private static void Rank(int count, int width)
    {
        float[] rows = Rows(count, width, 1), queries = Rows(200, width, 2);
        for (int i = 0; i < 200; i++)
        {
            // Queries are near a row each.
            TensorPrimitives.Add(queries.AsSpan(i * width, width), rows.AsSpan(i * 20 * width, width), queries.AsSpan(i * width, width));
            UnitLength.Write(queries.AsSpan(i * width, width), queries.AsSpan(i * width, width));
        }
        Int8Ranges ranges = Int8Ranges.FromRows(rows, width);
        var codes = new sbyte[rows.Length];
        int stride = BinaryCodec.ByteCount(width);
        var bits = new byte[count * stride];
        for (int i = 0; i < count; i++)
        {
            ranges.Quantize(rows.AsSpan(i * width, width), codes.AsSpan(i * width, width));
            BinaryCodec.Pack(rows.AsSpan(i * width, width), bits.AsSpan(i * stride, stride));
        }
        (string Name, Func<float[], Func<int, float>> Of)[] scores =
        [
            ("int8, query in float32 with the plain codes (sentence-transformers' re-ranking)", query => i =>
                Int8Kernel.Dot(query, codes.AsSpan(i * width, width))),
            ("int8, query in float32 with what codes stand for", query => { var own = new float[width]; ranges.Fold(query, own); return i => Int8Kernel.Dot(own, codes.AsSpan(i * width, width)); }),
            ("binary, Hamming", query => { var own = new byte[stride]; BinaryCodec.Pack(query, own); return i => -BinaryKernel.Hamming(own, bits.AsSpan(i * stride, stride)); }),
            ("binary, query in float32", query => i => BinaryKernel.DotSigns(query, bits.AsSpan(i * stride, stride))),
        ];
        foreach ((string name, Func<float[], Func<int, float>> of) in scores)
        {
            double recall = 0;
            for (int q = 0; q < 200; q++)
            {
                float[] query = queries[(q * width)..((q + 1) * width)];
                Func<int, float> score = of(query);
                HashSet<int> nearest = [
                    .. Enumerable.Range(0, count).OrderByDescending(i => TensorPrimitives.Dot(query, rows.AsSpan(i * width, width)))
                    .Take(10)];
                recall += Enumerable.Range(0, count).OrderByDescending(score).Take(10).Count(nearest.Contains) / 10.0 / 200;
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ranking {count} x {width}, {name}: recall@10 {recall:F4}"));
        }
    }

    /// <summary>Rows of unit length whose values vary less from dimension to dimension, around means of their own, as embeddings'
    /// do.</summary>
    private static float[] Rows(int count, int width, int seed)
    {
        var random = new Random(seed);
        float[] means = [.. Enumerable.Range(0, width).Select(i => MathF.Sin(i * 12.9898f) * 0.5f / MathF.Sqrt(1 + (0.05f * i)))];
        var rows = new float[count * width];
        for (int i = 0; i < rows.Length; i++)
        {
            int column = i % width;
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            rows[i] = means[column] + (float)(normal / Math.Sqrt(1 + (0.05 * column)));
        }
        for (int i = 0; i < count; i++)
        {
            UnitLength.Write(rows.AsSpan(i * width, width), rows.AsSpan(i * width, width));
        }
        return rows;
    }

    private static void Compare(string what, int rounds, (string Name, Action Run)[] variants)
    {
        (double Seconds, double Ratio)[] taken = Turns.Measure(variants, rounds);
        for (int v = 0; v < variants.Length; v++)
        {
            (double seconds, double ratio) = taken[v];
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what}, {variants[v].Name}: {seconds * 1e3:F2} ms, {1 / ratio:F2} of the first ({ratio:F1} times as fast)"));
        }
    }
}
