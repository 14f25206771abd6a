using System.Numerics.Tensors;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>
/// What does cutting and rescaling an embedding column cost against the least it could cost, and against what ML.NET offers for it today?
/// Every case pulls each row through a cursor; the bare loop pulls the source row and cuts it by hand.
/// </summary>
[Config(typeof(InProcess))]
[MemoryDiagnoser, MinColumn]
[HideColumns(Column.Error, Column.Median, Column.RatioSD)]
public class TruncateBenchmarks
{
    private const int Rows = 1_000_000;
    private const int Width = 768;
    private const int Dimensions = 128;

    /// <summary>100 rows stay in a processor cache, as a row does that a model has just made; 10,000 come from memory every time.</summary>
    [Params(100, 10_000)]
    public int DistinctRows { get; set; }

    private IDataView _source = null!;
    private IDataView _truncated = null!;
    private IDataView _dropped = null!;
    private IDataView _mapped = null!;

    [GlobalSetup]
    public void Setup()
    {
        var ml = new MLContext(1);
        _source = new CycledVectors(Rows, DistinctRows, Width, seed: 1);
        _truncated = ml.Transforms.TruncateEmbedding("Short", "Embedding", Dimensions).Fit(_source).Transform(_source);

        IDataView dropped = SlotsDropping(ml).Transform(_source);
        _dropped = ml.Transforms.NormalizeLpNorm("Short", "Dropped").Fit(dropped).Transform(dropped);

        _mapped = ml.Transforms.CustomMapping<LongRow, ShortRow>(Map, contractName: null).Fit(_source).Transform(_source);
    }

    [Benchmark(Baseline = true)]
    public float BareLoop()
    {
        float sum = 0;
        var result = new float[Dimensions];
        DataViewSchema.Column column = _source.Schema["Embedding"];
        using DataViewRowCursor cursor = _source.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            read(ref row);
            Truncate(row.GetValues()[..Dimensions], result);
            sum += result[0];
        }
        return sum;
    }

    [Benchmark]
    public float TruncateEmbedding() => Pull(_truncated);

    [Benchmark]
    public float SlotsDroppingThenLpNorm() => Pull(_dropped);

    [Benchmark]
    public float CustomMapping() => Pull(_mapped);

    private static float Pull(IDataView view)
    {
        float sum = 0;
        DataViewSchema.Column column = view.Schema["Short"];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            read(ref row);
            sum += row.GetValues()[0];
        }
        return sum;
    }

    private static void Map(LongRow source, ShortRow destination)
    {
        destination.Short = new float[Dimensions];
        Truncate(source.Embedding.AsSpan(0, Dimensions), destination.Short);
    }

    private static void Truncate(ReadOnlySpan<float> source, Span<float> destination) =>
        TensorPrimitives.Multiply(source, 1f / MathF.Max(TensorPrimitives.Norm(source), 1e-12f), destination);

    /// <summary>ML.NET's own cut is internal; its estimators make it only from the data.</summary>
    private static ITransformer SlotsDropping(MLContext ml)
    {
        Type type = typeof(MLContext).Assembly.GetType("Microsoft.ML.Transforms.SlotsDroppingTransformer", throwOnError: true)!;
        ConstructorInfo constructor = type.GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic,
            [typeof(IHostEnvironment), typeof(string), typeof(string), typeof(int), typeof(int?)])!;
        return (ITransformer)constructor.Invoke([ml, "Dropped", "Embedding", Dimensions, null]);
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

    private sealed class InProcess : ManualConfig
    {
        public InProcess() => AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(12).WithInvocationCount(1).WithUnrollFactor(1));
    }
}
