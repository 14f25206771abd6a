using System.Diagnostics;
using System.Globalization;
using Cloud.Unum.USearch;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// How many queries a second, at a recall@10 of .99 certified on other queries than those timed? Exact search, USearch's HNSW on all
/// values in single precision and in signed bytes, and the index of this library, in memory and from its file, take turns on one thread
/// and on all cores: <c>dotnet run -c Release --project tests/Microsoft.ML.Mrl.Benchmarks -- search [COLLECTION …] [key=value …]</c>.
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
        Console.WriteLine($"{RunDescription.Now()}. Seed {settings.Seed}, recall@{Top} of {Recall:P0} certified with {Confidence:P0} confidence, median of {settings.Rounds} rounds.");
        var texts = new Lazy<(float[], string?)[]>(() => RealTexts.Embed(settings.DataFolder, settings.CacheFolder));
        foreach (string name in settings.Names)
        {
            Measure(SearchCollection.Load(name, settings, texts), settings.Rounds);
        }
        return 0;
    }

    private static void Measure(SearchCollection own, int rounds)
    {
        Print($"\n**{own.Name}**, {own.Sample.Length / own.Width:N0} queries to tune with, {own.Queries.Length / own.Width:N0} others timed\n");
        Console.WriteLine($"| threads | way | build s | index MB | tune s | queries/s | of HNSW | recall@{Top} | at least |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|");
        string file = Path.Combine(Path.GetTempPath(), $"search-{Environment.ProcessId}.index");
        foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            try
            {
                Measure(own, rounds, threads, file);
            }
            finally
            {
                File.Delete(file);
            }
        }
    }

    private static void Measure(SearchCollection own, int rounds, int threads, string file)
    {
        var clock = Stopwatch.StartNew();
        var options = new FunnelIndexOptions { Plan = FunnelPlan.Exact, Prefixes = own.Prefixes, MaxDegreeOfParallelism = threads };
        using FunnelIndex index = FunnelIndex.Build(own.Rows, own.Width, options);
        double copied = Seconds();
        long[][] nearest = Ids(index.SearchExactMany(own.Sample, Top)), exact = Ids(index.SearchExactMany(own.Queries, Top));
        Seconds();
        using PlainGraph single = PlainGraph.Build(own.Rows, own.Width, ScalarKind.Float32, threads), bytes = PlainGraph.Build(own.Rows, own.Width, ScalarKind.Int8, threads);
        Seconds();
        double singleLow = single.Tune(own.Sample, nearest, Recall, Confidence), singleTuned = Seconds();
        double bytesLow = bytes.Tune(own.Sample, nearest, Recall, Confidence), bytesTuned = Seconds();
        FunnelTuning tuning = index.Tune(own.Sample, new FunnelTuningOptions { Top = Top, Recall = Recall, Confidence = Confidence });
        double tuned = Seconds();
        Console.Error.WriteLine($"{own.Name}, {threads} thread(s): {tuning}");
        index.SetPlan(FunnelPlan.Exact);
        Seconds();
        index.SetPlan(tuning.Plan);
        double graph = Seconds();
        index.Save(file);
        using FunnelIndex opened = FunnelIndex.Open(file);
        opened.MaxDegreeOfParallelism = threads;

        double vectors = own.Rows.Length * sizeof(float) / 1e6;
        float[] few = own.Queries[..(Math.Min(MaxExactQueries * own.Width, own.Queries.Length))];
        Way[] ways =
        [
            new("HNSW, all values, single", single.BuildSeconds, single.Bytes / 1e6, singleTuned, singleLow, own.Queries, queries => single.Search(queries, Top, threads)),
            new("exact", copied, vectors, 0, 1, few, queries => Ids(index.SearchExactMany(queries, Top))),
            new("HNSW, all values, signed bytes", bytes.BuildSeconds, bytes.Bytes / 1e6, bytesTuned, bytesLow, own.Queries, queries => bytes.Search(queries, Top, threads)),
            new($"ours: {tuning.Plan}", copied + graph, index.GraphBytes / 1e6, tuned - graph, tuning.RecallLowerBound, own.Queries, queries => Ids(index.SearchMany(queries, Top))),
            new("ours, vectors in a file", copied + graph, index.GraphBytes / 1e6, tuned - graph, tuning.RecallLowerBound, own.Queries, queries => Ids(opened.SearchMany(queries, Top))),
        ];
        (double Median, double)[] turns = Turns.Measure([.. ways.Select(way => (way.Name, (Action)(() => way.Search(way.Queries))))], rounds);
        double first = Rate(0);
        for (int w = 0; w < ways.Length; w++)
        {
            Way way = ways[w];
            double recall = way.Search(way.Queries).Select((found, q) => exact[q].Count(found.Contains) / (double)exact[q].Length).Average();
            Print($"| {threads} | {way.Name} | {way.BuildSeconds:F1} | {way.Megabytes:F0} | {way.TuneSeconds:F1} | {Rate(w):N0} | {Rate(w) / first:F2} | {recall:F4} | {way.RecallLowerBound:F4} |");
        }

        double Rate(int way) => ways[way].Queries.Length / own.Width / turns[way].Median;

        double Seconds()
        {
            double seconds = clock.Elapsed.TotalSeconds;
            clock.Restart();
            return seconds;
        }
    }

    private static long[][] Ids(SearchHit[][] found) => Array.ConvertAll(found, hits => Array.ConvertAll(hits, hit => hit.Id));

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed record Way(
        string Name, double BuildSeconds, double Megabytes, double TuneSeconds, double RecallLowerBound, float[] Queries, Func<float[], long[][]> Search);
}
