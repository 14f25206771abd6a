using System.Diagnostics;
using System.Globalization;
using Cloud.Unum.USearch;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// How many queries a second, at a recall@10 of .99 certified on other queries than those timed? Exact search, USearch's HNSW on all
/// values in single precision and in signed bytes, and the index of this library, in memory and from its file, are built on all cores and
/// take turns on one thread and on all: <c>dotnet run -c Release --project tests/Microsoft.ML.Mrl.Benchmarks -- search [COLLECTION …]
/// [key=value …]</c>.
/// </summary>
internal static class SearchProgram
{
    private const int Top = 10;
    private const double Recall = 0.99;
    private const double Confidence = 0.95;

    // An exact search is timed on a part of the queries.
    private const int MaxExactQueries = 64;

    public static int Run(string[] args)
    {
        SearchSettings settings;
        try
        {
            settings = new SearchSettings(args);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        Print($"{RunDescription.Now()}. Seed {settings.Seed}, recall@{Top} of {Recall} certified with {Confidence:P0} confidence, built on all cores, median of {settings.Rounds} rounds.");
        var texts = new Lazy<(float[], string?)[]>(() => RealTexts.Embed(settings.DataFolder, settings.CacheFolder));
        foreach (string name in settings.Names)
        {
            Measure(SearchCollection.Load(name, settings, texts), settings.Rounds);
        }
        return 0;
    }

    private static void Measure(SearchCollection own, int rounds)
    {
        string file = Path.Combine(Path.GetTempPath(), $"search-{Environment.ProcessId}.index");
        try
        {
            Measure(own, rounds, file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Measure(SearchCollection own, int rounds, string file)
    {
        int cores = Environment.ProcessorCount;
        var clock = Stopwatch.StartNew();
        using FunnelIndex index = FunnelIndex.Build(
            own.Rows, own.Width, new FunnelIndexOptions { Plan = FunnelPlan.Exact, Prefixes = own.Prefixes });
        double copied = Seconds("copied");
        long[][] nearest = Ids(index.SearchExactMany(own.Sample, Top)), exact = Ids(index.SearchExactMany(own.Queries, Top));
        Seconds("searched exactly");
        using PlainGraph single = PlainGraph.Build(own.Rows, own.Width, ScalarKind.Float32, cores),
        bytes = PlainGraph.Build(own.Rows, own.Width, ScalarKind.Int8, cores);
        Seconds("built HNSW twice");
        double singleLow = single.Tune(own.Sample, nearest, Recall, Confidence), singleTuned = Seconds("tuned HNSW, single");
        double bytesLow = bytes.Tune(own.Sample, nearest, Recall, Confidence), bytesTuned = Seconds("tuned HNSW, signed bytes");
        var graph = new BuildClock();
        FunnelTuning tuning = index.Tune(
            own.Sample, new FunnelTuningOptions { Top = Top, Recall = Recall, Confidence = Confidence }, graph);
        double tuned = Seconds($"tuned: {tuning}") - graph.Seconds, built = copied + graph.Seconds;
        index.Save(file);
        using FunnelIndex opened = FunnelIndex.Open(file);

        double vectors = own.Rows.Length * sizeof(float) / 1e6;
        float[] few = own.Queries[..Math.Min(MaxExactQueries * own.Width, own.Queries.Length)];
        Way[] ways =
        [
            new("HNSW, all values, single", single.BuildSeconds, single.Bytes / 1e6, singleTuned, singleLow, own.Queries,
                (queries, threads) => single.Search(queries, Top, threads)),
            new("HNSW, all values, signed bytes", bytes.BuildSeconds, bytes.Bytes / 1e6, bytesTuned, bytesLow, own.Queries,
                (queries, threads) => bytes.Search(queries, Top, threads)),
            new("exact, one query at a time", copied, vectors, 0, 1, few, (queries, threads) => OneByOne(index, queries, threads)),
            new($"exact, {few.Length / own.Width} at once", copied, vectors, 0, 1, few, (queries, threads) =>
                Ids(Limited(index, threads).SearchExactMany(queries, Top))),
            new($"**ours**: {tuning.Plan}", built, index.GraphBytes / 1e6, tuned, tuning.RecallLowerBound, own.Queries,
                (queries, threads) => Ids(Limited(index, threads).SearchMany(queries, Top))),
            new("ours, vectors in a file", built, index.GraphBytes / 1e6, tuned, tuning.RecallLowerBound, own.Queries, (queries, threads) =>
                Ids(Limited(opened, threads).SearchMany(queries, Top))),
        ];
        int[] limits = [.. new[] { 1, cores }.Distinct()];
        (double Median, double)[] turns = Turns.Measure(
            [.. limits.SelectMany(threads => ways.Select(way => (way.Name, (Action)(() => way.Search(way.Queries, threads)))))], rounds);
        Seconds("took turns");

        Print($"\n**{own.Name}**: {own.Sample.Length / own.Width:N0} queries to tune with, {own.Queries.Length / own.Width:N0} others timed\n");
        Console.WriteLine(
            $"| way | build s | of HNSW's | index MB | of HNSW's | tune s |{string.Concat(limits.Select(threads => $" queries/s, {threads} thread{(threads == 1 ? "" : "s")} | × HNSW |"))} recall@{Top} | at least |");
        Console.WriteLine($"|---|---:|---:|---:|---:|---:|{string.Concat(limits.Select(_ => "---:|---:|"))}---:|---:|");
        for (int w = 0; w < ways.Length; w++)
        {
            Way way = ways[w];
            double recall = way.Search(way.Queries, cores).Select((found, q) => exact[q].Count(found.Contains) / (double)exact[q].Length)
                .Average();
            string rates = string.Concat(
                limits.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $" {Rate(i, w):N0} | {Rate(i, w) / Rate(i, 0):F2} |")));
            Print($"| {way.Name} | {way.BuildSeconds:F1} | {way.BuildSeconds / ways[0].BuildSeconds:F2} | {way.Megabytes:F0} | {way.Megabytes / ways[0].Megabytes:F2} | {way.TuneSeconds:F1} |{rates} {recall:F4} | {way.RecallLowerBound:F4} |");
        }

        double Rate(int limit, int way) => ways[way].Queries.Length / own.Width / turns[(limit * ways.Length) + way].Median;

        double Seconds(string what)
        {
            double seconds = clock.Elapsed.TotalSeconds;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{own.Name}: {seconds:F1} s, {what}"));
            clock.Restart();
            return seconds;
        }
    }

    private static FunnelIndex Limited(FunnelIndex index, int threads)
    {
        index.MaxDegreeOfParallelism = threads;
        return index;
    }

    private static long[][] OneByOne(FunnelIndex index, float[] queries, int threads)
    {
        var found = new long[queries.Length / index.Dimensions][];
        for (int q = 0; q < found.Length; q++)
        {
            found[q] = Ids([Limited(index, threads).SearchExact(queries.AsSpan(q * index.Dimensions, index.Dimensions), Top)])[0];
        }
        return found;
    }

    private static long[][] Ids(SearchHit[][] found) => Array.ConvertAll(found, hits => Array.ConvertAll(hits, hit => hit.Id));

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed record Way(
        string Name, double BuildSeconds, double Megabytes, double TuneSeconds, double RecallLowerBound, float[] Queries,
        Func<float[], int, long[][]> Search);

    /// <summary>How long the last graph took, by its progress.</summary>
    private sealed class BuildClock : IProgress<double>
    {
        private readonly Stopwatch _clock = new();
        private double _share;

        public double Seconds { get; private set; }

        public void Report(double value)
        {
            if (value <= _share || !_clock.IsRunning)
            {
                _clock.Restart();
            }
            _share = value;
            Seconds = _clock.Elapsed.TotalSeconds;
        }
    }
}
