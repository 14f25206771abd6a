using System.Diagnostics;
using System.Runtime.InteropServices;
using Cloud.Unum.USearch;
using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// USearch on all values, by its C interface and with no code of ours on the way: HNSW with its usual 16 neighbours and 128 rows explored
/// by an add, and the least expansion whose recall is certified.
/// </summary>
internal sealed unsafe partial class PlainGraph : IDisposable
{
    private readonly GraphHandle _graph;
    private readonly int _width;

    private PlainGraph(GraphHandle graph, int width)
    {
        _graph = graph;
        _width = width;
    }

    public double BuildSeconds { get; private init; }

    /// <summary>The bytes of the graph, its vectors among them.</summary>
    public long Bytes => (long)UsearchNative.SerializedLength(_graph, out _);

    public int Expansion { get; private set; } = 10;

    public static PlainGraph Build(float[] vectors, int width, ScalarKind kind, int threads)
    {
        var clock = Stopwatch.StartNew();
        var options = new UsearchNative.InitOptions
        {
            Metric = MetricKind.Cos, Scalar = kind, Dimensions = (ulong)width, Connectivity = 16, ExpansionOfAdd = 128,
            ExpansionOfSearch = 64,
        };
        var graph = new GraphHandle(UsearchNative.Create(&options, out nint error));
        UsearchNative.Check(error, "make a graph");
        int rows = vectors.Length / width;
        UsearchNative.Reserve(graph, (nuint)rows, out error);
        UsearchNative.Check(error, "reserve room");
        Parallel.For(0, rows, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            fixed (float* start = &vectors[(long)row * width])
            {
                UsearchNative.Add(graph, (ulong)row, (byte*)start, ScalarKind.Float32, out nint problem);
                UsearchNative.Check(problem, "add a row");
            }
        });
        return new PlainGraph(graph, width) { BuildSeconds = clock.Elapsed.TotalSeconds };
    }

    /// <summary>Widens the search until the lower bound of the recall reaches what is wanted, or wider ones find no more: signed bytes
    /// rank some rows wrongly however many are explored.</summary>
    /// <returns>The lower bound.</returns>
    public double Tune(float[] sample, long[][] nearest, double recall, double confidence)
    {
        const double LeastGain = 0.0005;
        (double low, double before) = (0, double.NegativeInfinity);
        while (true)
        {
            ChangeExpansion(_graph, (nuint)Expansion, out nint error);
            UsearchNative.Check(error, "widen the search");
            double[] shares = [
                .. Search(sample, nearest[0].Length, Environment.ProcessorCount)
                .Select((found, q) => nearest[q].Count(found.Contains) / (double)nearest[q].Length)];
            low = BettingBound.Lower(shares, confidence);
            if (low >= recall || shares.Average() < before + LeastGain)
            {
                return low;
            }
            before = shares.Average();
            Expansion = (int)Math.Ceiling(Expansion * 1.19);
        }
    }

    public long[][] Search(float[] queries, int top, int threads)
    {
        var found = new long[queries.Length / _width][];
        Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, q =>
        {
            ulong* keys = stackalloc ulong[top];
            float* distances = stackalloc float[top];
            fixed (float* query = &queries[q * _width])
            {
                int count = (int)UsearchNative.Search(
                    _graph, (byte*)query, ScalarKind.Float32, (nuint)top, keys, distances, out nint error);
                UsearchNative.Check(error, "search");
                found[q] = new ReadOnlySpan<long>(keys, count).ToArray();
            }
        });
        return found;
    }

    public void Dispose() => _graph.Dispose();

    [LibraryImport("libusearch_c", EntryPoint = "usearch_change_expansion_search")]
    private static partial void ChangeExpansion(GraphHandle index, nuint expansion, out nint error);
}
