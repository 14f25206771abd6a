using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// Does an index above 2 GB survive its file? <c>dotnet run -c Release -- funnelfile [rows] [folder]</c> builds one (800,000 rows of 768 values, 2.5 GB), saves it, maps it, checks it, loads it, and holds what
/// each finds, first and last rows among it, against what was found before. The file is deleted in the end.
/// </summary>
internal static class FunnelFileProgram
{
    private const int Width = 768;
    private const int RowsAtOnce = 50_000;
    private const int K = 10;

    public static int Run(string[] args)
    {
        int rows = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 800_000;
        string path = Path.Combine(args.Length > 1 ? args[1] : Path.GetTempPath(), $"funnel-{Environment.ProcessId}.index");
        float[] queries = [];
        SearchHit[][] exact, found;
        try
        {
            var clock = Stopwatch.StartNew();
            using (var index = new FunnelIndex(Width))
            {
                for (int first = 0; first < rows; first += RowsAtOnce)
                {
                    int count = Math.Min(RowsAtOnce, rows - first);
                    float[] part = NestedClusters.Rows(count, Width, 0.75, first + 1);
                    index.Add([.. Enumerable.Range(first, count).Select(id => (long)id)], part);
                    // The first and the last row of each part are queries: they find themselves.
                    queries = [.. queries, .. part[..Width], .. part[^Width..]];
                }
                Print($"{rows} x {Width} made and added in {clock.Elapsed.TotalSeconds:F1} s, {queries.Length / Width} queries");
                (exact, found) = (index.SearchExactMany(queries, K), index.SearchMany(queries, K));
                clock.Restart();
                index.Save(path);
                Print($"saved {new FileInfo(path).Length / 1e9:F2} GB in {clock.Elapsed.TotalSeconds:F1} s");
            }
            for (int q = 0; q < exact.Length; q++)
            {
                long id = (q / 2 * (long)RowsAtOnce) + (q % 2 == 0 ? 0 : Math.Min(RowsAtOnce, rows - (q / 2 * RowsAtOnce)) - 1);
                Check(exact[q][0].Id == id && exact[q][0].Score > 0.999999f, $"row {id} finds itself");
            }
            foreach (FunnelFileCheck check in Enum.GetValues<FunnelFileCheck>())
            {
                clock.Restart();
                using FunnelIndex opened = FunnelIndex.Open(path, check);
                Print($"mapped, check of {check}, in {clock.Elapsed.TotalSeconds:F2} s");
                Search(opened, "the mapped file");
            }
            clock.Restart();
            using FunnelIndex loaded = FunnelIndex.Load(path);
            Print($"loaded in {clock.Elapsed.TotalSeconds:F1} s");
            Search(loaded, "the loaded file");
            return 0;
        }
        finally
        {
            File.Delete(path);
        }

        void Search(FunnelIndex index, string name)
        {
            var clock = Stopwatch.StartNew();
            Check(index.Count == rows, $"{name} has all rows");
            Check(index.SearchMany(queries, K).Zip(found, (a, b) => a.SequenceEqual(b)).All(same => same), $"{name} finds the same through the funnel");
            Print($"{queries.Length / Width} queries through the funnel in {clock.Elapsed.TotalSeconds:F2} s");
            clock.Restart();
            Check(index.SearchExactMany(queries, K).Zip(exact, (a, b) => a.SequenceEqual(b)).All(same => same), $"{name} finds the same by a full scan");
            Print($"and by a full scan in {clock.Elapsed.TotalSeconds:F2} s");
        }
    }

    private static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Not so: {what}.");
        }
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
