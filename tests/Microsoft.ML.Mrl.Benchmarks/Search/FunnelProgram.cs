using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// How many queries a second does the funnel answer, against a full scan of the same index? <c>dotnet run -c Release -- funnel [rows] [decay] [seed] [samples]</c>. Plans are tuned for a recall@10 of 0.99 on other
/// queries than those timed, one for single queries and one for many together. The variants take turns; the medians of their rounds are reported, and the ratio is the median of the rounds' ratios.
/// </summary>
internal static class FunnelProgram
{
    private const int Width = 768;
    private const int K = 10;
    private const int Rounds = 5;

    public static int Run(string[] args)
    {
        int rows = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        double decay = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 0.75;
        int seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;
        int samples = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 4000;
        float[] vectors = NestedClusters.Rows(rows, Width, decay, seed);
        float[] sample = NestedClusters.Queries(vectors, Width, decay, samples, seed + 1), queries = NestedClusters.Queries(vectors, Width, decay, 1024, seed + 2);
        Print($"{rows} x {Width}, decay {decay}, seed {seed}, {samples} sample queries, {Environment.ProcessorCount} cores");
        var clock = Stopwatch.StartNew();
        using FunnelIndex index = FunnelIndex.Build(vectors, Width);
        Print($"build {clock.Elapsed.TotalSeconds:F1} s, widths {index.Widths}");
        foreach (FunnelLoad load in new[] { FunnelLoad.Together, FunnelLoad.OneByOne })
        {
            clock.Restart();
            FunnelTuning tuning = index.Tune(sample, new FunnelTuningOptions { K = K, Recall = 0.99, Load = load });
            Print($"{load}: tune {clock.Elapsed.TotalSeconds:F1} s: {tuning}");
            if (tuning.Plan.FirstWidth == index.Widths.Smallest)
            {
                Measure(index, queries, tuning.Plan, load);
                continue;
            }
            MatryoshkaDimensions widths = new(index.Widths.Where(width => width >= tuning.Plan.FirstWidth));
            using FunnelIndex again = FunnelIndex.Build(vectors, Width, new FunnelIndexOptions { Widths = widths });
            Print($"built again with widths {widths}");
            Measure(again, queries, tuning.Plan, load);
        }
        return 0;
    }

    private static void Measure(FunnelIndex index, float[] queries, FunnelPlan plan, FunnelLoad load)
    {
        SearchHit[][] exact = index.SearchExactMany(queries, K), found = index.SearchMany(queries, K, plan);
        Print($"recall@{K} of the {exact.Length} timed queries {Recall(exact, found):F4}; without tuning {Recall(exact, index.SearchMany(queries, K)):F4}");
        foreach (int threads in new[] { 1, -1 })
        {
            index.MaxDegreeOfParallelism = threads;
            string name = threads == 1 ? "one thread" : "all cores";
            if (load == FunnelLoad.OneByOne)
            {
                Compare($"single query, {name}", 16, 256, (first, count) => Each(first, count, q => index.SearchExact(q, K)), (first, count) => Each(first, count, q => index.Search(q, K, plan)));
                continue;
            }
            Compare($"batch, {name}", 128, 1024,
                (first, count) => index.SearchExactMany(queries.AsSpan(first * Width, count * Width), K),
                (first, count) => index.SearchMany(queries.AsSpan(first * Width, count * Width), K, plan));
        }
        index.MaxDegreeOfParallelism = -1;

        void Each(int first, int count, Action<float[]> search)
        {
            for (int q = first; q < first + count; q++)
            {
                search(queries[(q * Width)..((q + 1) * Width)]);
            }
        }
    }

    private static void Compare(string name, int exactQueries, int funnelQueries, Action<int, int> exact, Action<int, int> funnel)
    {
        double[] exactRate = new double[Rounds], funnelRate = new double[Rounds];
        exact(0, Math.Min(8, exactQueries));
        funnel(0, funnelQueries);
        for (int round = 0; round < Rounds; round++)
        {
            exactRate[round] = Rate(exact, exactQueries);
            funnelRate[round] = Rate(funnel, funnelQueries);
        }
        double ratio = exactRate.Zip(funnelRate, (e, f) => f / e).Order().ElementAt(Rounds / 2);
        Print($"{name}: full scan {exactRate.Order().ElementAt(Rounds / 2):N1}/s, funnel {funnelRate.Order().ElementAt(Rounds / 2):N1}/s, {ratio:F1} times");
    }

    private static double Rate(Action<int, int> search, int count)
    {
        var clock = Stopwatch.StartNew();
        search(0, count);
        return count / clock.Elapsed.TotalSeconds;
    }

    private static double Recall(SearchHit[][] exact, SearchHit[][] found)
        => exact.Zip(found, (e, f) => e.Count(hit => f.Any(other => other.Id == hit.Id)) / (double)e.Length).Average();

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
