using System.Diagnostics;
using System.Globalization;
using Cloud.Unum.USearch;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>USearch on all values by its own binding: the least expansion whose recall@10 reaches .99 on the sample queries.</summary>
internal sealed class PlainGraph : IDisposable
{
    private const int Top = 10;

    private readonly USearchIndex _index;
    private readonly int _width;

    private PlainGraph(USearchIndex index, int width)
    {
        _index = index;
        _width = width;
    }

    private int Expansion { get; set; } = Top;

    public static PlainGraph Build(float[] vectors, int width, ScalarKind kind, FunnelIndex truth, float[] sample)
    {
        var clock = Stopwatch.StartNew();
        // What is asked for widens a search, so one index serves every expansion.
        var graph = new PlainGraph(new USearchIndex(MetricKind.Cos, kind, (ulong)width, connectivity: 16, expansionAdd: 128, expansionSearch: 1), width);
        long before = Process.GetCurrentProcess().WorkingSet64;
        int rows = vectors.Length / width;
        // The first row makes room for none but itself; adding the rest at once reserves room for all, and threads may not add while the
        // room grows.
        graph._index.Add([.. Enumerable.Range(0, rows).Select(row => (ulong)row)], [.. Enumerable.Range(0, rows).Select(row => vectors[(row * width)..((row + 1) * width)])]);
        double built = clock.Elapsed.TotalSeconds;
        long[][] nearest = Array.ConvertAll(truth.SearchExactMany(sample, Top), hits => Array.ConvertAll(hits, hit => hit.Id));
        double recall = 0;
        for (; graph.Expansion < 4096; graph.Expansion = (int)Math.Ceiling(graph.Expansion * 1.19))
        {
            recall = graph.Search(sample, Environment.ProcessorCount).Select((found, q) => nearest[q].Count(found.Contains) / (double)nearest[q].Length).Average();
            if (recall >= 0.99)
            {
                break;
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"USearch, {kind}: built by one thread in {built:F1} s, process grew by {(Process.GetCurrentProcess().WorkingSet64 - before) / 1e6:F0} MB, expansion {graph.Expansion}, recall {recall:F4} on the sample"));
        return graph;
    }

    public long[][] Search(float[] queries, int threads)
    {
        var found = new long[queries.Length / _width][];
        Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, q =>
        {
            _index.Search(queries[(q * _width)..((q + 1) * _width)], Expansion, out ulong[] keys, out _);
            found[q] = Array.ConvertAll(keys.Length > Top ? keys[..Top] : keys, key => (long)key);
        });
        return found;
    }

    public void Dispose() => _index.Dispose();
}
