using System.Diagnostics;
using System.Globalization;
using Cloud.Unum.USearch;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// How many queries a second, at a recall@10 of .99 certified on other queries than those timed? <c>dotnet run -c Release -- search made
/// [rows] [width] [seed]</c> or
/// <c>search vectors.npy [seed]</c>, which takes vectors raw and rotated by PCA. Exact search, USearch on all values in single precision
/// and in signed bytes as its own binding gives it,
/// and the index of this library take turns, on one thread and on all cores, the index in memory and from its file; the median of the
/// rounds is reported.
/// </summary>
internal static class SearchProgram
{
    private const int Top = 10;
    private const double Recall = 0.99;
    private const double Decay = 0.75;
    private const int Timed = 1024;
    private const int Samples = 4000;
    private const int Rounds = 5;

    public static int Run(string[] args)
    {
        if (args is [var path, ..] && path.EndsWith(".npy", StringComparison.Ordinal))
        {
            (float[] values, int columns) = Npy.Read(path);
            int own = args.Length > 1 ? Int(args[1]) : 1;
            Shuffle(values, columns, own);
            Split(path + ", raw", values, columns);
            Split(path + ", rotated by PCA", PcaRotation.Rotate(values, columns), columns);
            return 0;
        }
        int rows = args.Length > 1 ? Int(args[1]) : 200_000, width = args.Length > 2 ? Int(args[2]) : 768, seed = args.Length > 3 ? Int(args[3]) : 1;
        float[] made = NestedClusters.Rows(rows, width, Decay, seed);
        Compare(
            $"{rows} made vectors, seed {seed}", made, NestedClusters.Queries(made, width, Decay, Samples, seed + 1), NestedClusters.Queries(made, width, Decay, Timed, seed + 2), width);
        return 0;

        static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    // The last rows are queries: half of them certify, at most 1,024 are timed.
    private static void Split(string name, float[] values, int width)
    {
        int all = values.Length / width, timed = Math.Min(Timed, all / 10), samples = Math.Min(Samples, all / 10), rows = all - timed - samples;
        Compare(name, values[..(rows * width)], values[(rows * width)..((rows + samples) * width)], values[((rows + samples) * width)..], width);
    }

    private static void Compare(string name, float[] vectors, float[] sample, float[] queries, int width)
    {
        Print($"{name}: {vectors.Length / width} x {width}, {sample.Length / width} sample queries, {queries.Length / width} timed, {Environment.ProcessorCount} cores");
        string file = Path.Combine(Path.GetTempPath(), $"search-{Environment.ProcessId}.index");
        try
        {
            var clock = Stopwatch.StartNew();
            using FunnelIndex index = FunnelIndex.Build(vectors, width, new FunnelIndexOptions { Plan = FunnelPlan.Exact });
            double copied = clock.Elapsed.TotalSeconds;
            FunnelTuning tuning = index.Tune(sample, new FunnelTuningOptions { Top = Top, Recall = Recall });
            double tuned = clock.Elapsed.TotalSeconds - copied;
            clock.Restart();
            index.SetPlan(FunnelPlan.Exact);
            index.SetPlan(tuning.Plan);
            double graph = clock.Elapsed.TotalSeconds;
            Print($"ours: {copied:F1} s to copy, {graph:F1} s for the graph, {tuned - graph:F1} s more to tune, {index.GraphBytes / 1e6:F0} MB of graph. {tuning}");
            index.Save(file);
            using FunnelIndex opened = FunnelIndex.Open(file);
            using PlainGraph single = PlainGraph.Build(vectors, width, ScalarKind.Float32, index, sample), bytes = PlainGraph.Build(vectors, width, ScalarKind.Int8, index, sample);

            SearchHit[][] exact = index.SearchExactMany(queries, Top);
            foreach (int threads in new[] { 1, Environment.ProcessorCount })
            {
                index.MaxDegreeOfParallelism = opened.MaxDegreeOfParallelism = threads;
                // An exact search is timed on a part of the queries.
                float[] few = queries[..(Math.Min(64, queries.Length / width) * width)];
                (string Name, int Queries, Func<long[][]> Search)[] variants =
                [
                    ("exact", few.Length / width, () => Ids(index.SearchExactMany(few, Top))),
                    ("USearch, all values, single", queries.Length / width, () => single.Search(queries, threads)),
                    ("USearch, all values, signed bytes", queries.Length / width, () => bytes.Search(queries, threads)),
                    ("ours", queries.Length / width, () => Ids(index.SearchMany(queries, Top))),
                    ("ours, vectors in a file", queries.Length / width, () => Ids(opened.SearchMany(queries, Top))),
                ];
                (double Seconds, double Ratio)[] turns = Turns.Measure([.. variants.Select(v => (v.Name, (Action)(() => v.Search())))], Rounds);
                for (int v = 0; v < variants.Length; v++)
                {
                    double recall = variants[v].Search().Select((found, q) => exact[q].Count(hit => found.Contains(hit.Id)) / (double)exact[q].Length).Average();
                    Print($"{threads} thread(s), {variants[v].Name}: {variants[v].Queries / turns[v].Seconds:N0} queries/s, recall@{Top} {recall:F4}");
                }
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static long[][] Ids(SearchHit[][] found) => Array.ConvertAll(found, hits => Array.ConvertAll(hits, hit => hit.Id));

    private static void Shuffle(float[] values, int width, int seed)
    {
        int[] order = [.. Enumerable.Range(0, values.Length / width)];
        new Random(seed).Shuffle(order);
        float[] copy = [.. values];
        for (int row = 0; row < order.Length; row++)
        {
            copy.AsSpan(order[row] * width, width).CopyTo(values.AsSpan(row * width));
        }
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
