using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>
/// Reads damaged files: <c>-- fuzz FORMAT COUNT [seed=N] [keep=FOLDER]</c>, or <c>all</c> for every format. Files that end in anything but
/// a value or a typed error are kept. The same seed damages the same files in the same way.
/// </summary>
internal static class FuzzProgram
{
    private const long LargestAllocation = 1L << 29;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static int Run(string[] args)
    {
        string[] words = [.. args.Where(arg => !arg.Contains('=', StringComparison.Ordinal))];
        int seed = 1;
        string keep = Path.Combine(Path.GetTempPath(), "mrl-fuzz");
        foreach (string[] pair in args.Where(arg => arg.Contains('=', StringComparison.Ordinal)).Select(arg => arg.Split('=', 2)))
        {
            _ = pair[0] switch
            {
                "seed" => seed = int.Parse(pair[1], CultureInfo.InvariantCulture),
                "keep" => (keep = pair[1]).Length,
                _ => throw new ArgumentException($"There is no option '{pair[0]}'. There are seed=N and keep=FOLDER."),
            };
        }
        if (words is not [var name, var count] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int files)
            || (name != "all" && !FuzzFormats.All.ContainsKey(name)))
        {
            Console.Error.WriteLine($"fuzz FORMAT COUNT [seed=N] [keep=FOLDER]. Formats: all, {string.Join(", ", FuzzFormats.All.Keys)}.");
            return 2;
        }
        int bad = 0;
        foreach ((string format, FuzzFormat how) in FuzzFormats.All.Where(known => name == "all" || known.Key == name))
        {
            bad += Run(format, how, files, seed, keep);
        }
        return bad == 0 ? 0 : 1;
    }

    private static int Run(string name, FuzzFormat format, int files, int seed, string keep)
    {
        var random = new Random(seed);
        byte[][] good = format.Good();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mrl-fuzz-");
        string path = Path.Combine(folder.FullName, "damaged" + format.Extension);
        var counts = new int[Enum.GetValues<FuzzOutcome>().Length];
        var found = new Dictionary<string, (int Times, string Kept)>(StringComparer.Ordinal);
        try
        {
            foreach (byte[] bytes in good)
            {
                File.WriteAllBytes(path, bytes);
                format.Read(path);
            }
            for (int i = 0; i < files; i++)
            {
                byte[] damaged = format.Damage(good[random.Next(good.Length)], good[random.Next(good.Length)], random);
                if (random.Next(4) > 0 && format.Sign is { } sign)
                {
                    damaged = sign(damaged);
                }
                File.WriteAllBytes(path, damaged);
                FuzzResult result = Try(format, path);
                counts[(int)result.Outcome]++;
                if (result.Outcome is not (FuzzOutcome.Loaded or FuzzOutcome.Refused))
                {
                    string key = $"{result.Outcome}: {result.Detail}";
                    if (!found.TryGetValue(key, out (int Times, string Kept) before))
                    {
                        Directory.CreateDirectory(keep);
                        before.Kept = Path.Combine(keep, $"{name}-{seed}-{i}{format.Extension}");
                        File.WriteAllBytes(before.Kept, damaged);
                    }
                    found[key] = (before.Times + 1, before.Kept);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{name}: {files} files, seed {seed}: {counts[0]} loaded, {counts[1]} refused, ")
            + string.Create(CultureInfo.InvariantCulture, $"{counts[2]} untyped, {counts[3]} slow, {counts[4]} large"));
        foreach ((string what, (int times, string kept)) in found)
        {
            Console.WriteLine($"  {times} x {what} ({kept})");
        }
        return counts[2] + counts[3] + counts[4];
    }

    private static FuzzResult Try(FuzzFormat format, string path)
    {
        long allocated = 0;
        var clock = Stopwatch.StartNew();
        Task<Exception?> reading = Task.Run<Exception?>(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                format.Read(path);
                return null;
            }
            catch (Exception e)
            {
                return e;
            }
            finally
            {
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }
        });
        if (!reading.Wait(s_patience))
        {
            return new FuzzResult(FuzzOutcome.Slow, "it came to no end");
        }
        return reading.Result is { } e && !IsTyped(e) ? new FuzzResult(FuzzOutcome.Untyped, $"{e.GetType().Name} {Place(e)}")
            : clock.Elapsed > s_limit ? new FuzzResult(FuzzOutcome.Slow, $"more than {s_limit.TotalSeconds} s")
            : allocated > LargestAllocation ? new FuzzResult(FuzzOutcome.Large, $"more than {LargestAllocation >> 20} MiB")
            : new FuzzResult(reading.Result is null ? FuzzOutcome.Loaded : FuzzOutcome.Refused);
    }

    private static bool IsTyped(Exception e) =>
        e is InvalidDataException or NotSupportedException or CommandException or SafetensorsException or FileNotFoundException or DirectoryNotFoundException
            && e.Message.Length > 0;

    /// <summary>The innermost method of the project that the exception came through.</summary>
    private static string Place(Exception e) => e.StackTrace?.Split('\n')
        .Select(line => line.Trim())
        .FirstOrDefault(
            line => line.Contains("Microsoft.ML.Mrl", StringComparison.Ordinal) && !line.Contains(".Fuzz.", StringComparison.Ordinal))
        ?.Split(" in ")[0] ?? "outside of the project";
}
