using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Tables;

/// <summary>
/// Makes the tables of the benchmarks' README, one part after the other, each in a process of its own: <c>dotnet run -c Release --project
/// tests/Microsoft.ML.Mrl.Benchmarks -- tables [PART …] [data=FOLDER] [cache=FOLDER]</c>. Without a part it makes all of them.
/// </summary>
internal static class TablesProgram
{
    private const double MaxLoad = 1;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    public static int Run(string[] args)
    {
        string Value(string key, string usual) =>
            args.LastOrDefault(arg => arg.StartsWith(key + '=', StringComparison.Ordinal))?[(key.Length + 1)..] ?? usual;
        string data = Path.GetFullPath(Value("data", Path.Combine("..", "shared", "data"))),
        cache = Path.GetFullPath(Value("cache", Path.Combine(Path.GetTempPath(), "mrl-vectors")));
        TablePart[] all = TablePart.All(data, cache);
        string[] names = [
            .. args.Where(
                arg => !arg.StartsWith("data=", StringComparison.Ordinal) && !arg.StartsWith("cache=", StringComparison.Ordinal))];
        string? unknown = names.FirstOrDefault(name => all.All(part => part.Name != name));
        if (unknown is not null)
        {
            Console.Error.WriteLine(
                $"There is no part '{unknown}'. Use: tables [PART …] [data=FOLDER] [cache=FOLDER], with the parts");
            foreach (TablePart part in all)
            {
                Console.Error.WriteLine(FormattableString.Invariant($"  {part.Name,-14}about {part.Minutes} min: {part.Question}"));
            }
            return 2;
        }
        Console.WriteLine($"{RunDescription.Now()}\n");
        var failed = new List<string>();
        foreach (TablePart part in names.Length == 0 ? all : all.Where(part => names.Contains(part.Name)))
        {
            Console.WriteLine($"## {part.Name}: {part.Question}\n\n{Load()}");
            var clock = Stopwatch.StartNew();
            foreach (string[] words in part.Calls)
            {
                Console.WriteLine($"\n`-- {string.Join(' ', words)}`\n");
                if (!Succeeds(words))
                {
                    failed.Add(part.Name);
                }
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{part.Name}: {clock.Elapsed.TotalMinutes:F1} min\n"));
        }
        Console.WriteLine(failed.Count == 0 ? "All parts were made." : $"Not made: {string.Join(", ", failed.Distinct())}.");
        return failed.Count == 0 ? 0 : 1;
    }

    // What the part before kept busy still counts in the load: it is given time to fade.
    private static string Load()
    {
        if (!File.Exists("/proc/loadavg"))
        {
            return "The load of the machine at the start is not known.";
        }
        string load = LoadNow();
        for (var clock = Stopwatch.StartNew(); IsBusy(load) && clock.Elapsed < LongestWait; load = LoadNow())
        {
            Thread.Sleep(1_000);
        }
        return IsBusy(load)
            ? $"**Load at the start: {load}. Something else is running: times and rates of this part mean nothing.**"
            : $"Load at the start: {load}.";
    }

    private static string LoadNow() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static bool IsBusy(string load) => double.Parse(load, CultureInfo.InvariantCulture) >= MaxLoad;

    // A process each: memory is measured too, and what one part leaves behind must not reach the next.
    private static bool Succeeds(string[] words)
    {
        Console.Out.Flush();
        using Process process = OwnProcess.Start(words, redirectOutput: false);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
