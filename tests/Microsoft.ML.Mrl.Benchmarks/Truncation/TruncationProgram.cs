using System.Globalization;
using System.Numerics.Tensors;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Benchmarks.Truncation;

/// <summary>
/// What does cutting and rescaling an embedding column cost against the least it could cost, and against what ML.NET offers for it?
/// <c>dotnet run -c Release -- truncate [ROWS] [ROUNDS]</c>, 100,000 rows of 768 values in 41 rounds unless told otherwise. Every way pulls
/// each row through a cursor; the plain loop pulls the source row and cuts it by hand. The ways take turns.
/// </summary>
internal static class TruncationProgram
{
    private const int Width = 768;
    private const int Dimensions = 128;

    public static int Run(string[] args)
    {
        if (args.Length > 2 || args.Any(word => !int.TryParse(word, CultureInfo.InvariantCulture, out _)))
        {
            Console.Error.WriteLine("Use: truncate [ROWS=100000] [ROUNDS=41]");
            return 2;
        }
        int rows = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
        int rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) | 1 : 41;
        // 100 rows stay in a processor cache, as a row does that a model has just made; 10,000 come from memory every time.
        foreach (int distinct in new[] { 100, 10_000 })
        {
            Measure(rows, distinct, rounds);
        }
        return 0;
    }

    private static void Measure(int rows, int distinct, int rounds)
    {
        var mlContext = new MLContext(1);
        var source = new CycledVectors(rows, distinct, Width, seed: 1);
        IDataView truncated = mlContext.Transforms.TruncateEmbedding("Short", "Embedding", Dimensions).Fit(source).Transform(source);
        IDataView dropped = SlotsDropping(mlContext).Transform(source);
        dropped = mlContext.Transforms.NormalizeLpNorm("Short", "Dropped").Fit(dropped).Transform(dropped);
        IDataView mapped = mlContext.Transforms.CustomMapping<LongRow, ShortRow>(Map, contractName: null).Fit(source).Transform(source);
        Turns.Print(
            FormattableString.Invariant($"{rows:N0} rows, {distinct:N0} distinct, {Width} to {Dimensions} values"),
            [
                ("plain loop", () => PlainLoop(source)),
                ("TruncateEmbedding", () => Turns.Pull<float>(truncated, "Short")),
                ("ML.NET: slots dropped, then LpNorm", () => Turns.Pull<float>(dropped, "Short")),
                ("ML.NET: custom mapping", () => Turns.Pull<float>(mapped, "Short")),
            ],
            rounds);
    }

    private static void PlainLoop(IDataView source)
    {
        var result = new float[Dimensions];
        DataViewSchema.Column column = source.Schema["Embedding"];
        using DataViewRowCursor cursor = source.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            read(ref row);
            Truncate(row.GetValues()[..Dimensions], result);
        }
    }

    private static void Map(LongRow source, ShortRow destination)
    {
        destination.Short = new float[Dimensions];
        Truncate(source.Embedding.AsSpan(0, Dimensions), destination.Short);
    }

    private static void Truncate(ReadOnlySpan<float> source, Span<float> destination) =>
        TensorPrimitives.Multiply(source, 1f / MathF.Max(TensorPrimitives.Norm(source), 1e-12f), destination);

    /// <summary>ML.NET's own cut is internal; its estimators make it only from the data.</summary>
    private static ITransformer SlotsDropping(MLContext mlContext)
    {
        Type type = typeof(MLContext).Assembly.GetType("Microsoft.ML.Transforms.SlotsDroppingTransformer", throwOnError: true)!;
        ConstructorInfo constructor = type.GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic,
            [typeof(IHostEnvironment), typeof(string), typeof(string), typeof(int), typeof(int?)])!;
        return (ITransformer)constructor.Invoke([mlContext, "Dropped", "Embedding", Dimensions, null]);
    }

    private sealed class LongRow
    {
        [VectorType(Width)]
        public float[] Embedding { get; set; } = [];
    }

    private sealed class ShortRow
    {
        [VectorType(Dimensions)]
        public float[] Short { get; set; } = [];
    }
}
