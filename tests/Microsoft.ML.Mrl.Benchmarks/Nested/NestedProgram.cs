using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Native;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>
/// What does a nested training step cost, compared with one at full width? <c>dotnet run -c Release -- nested [threads=1] [steps=60] [widths=384,768,1024]
/// [batches=256,512]</c>. The variants take turns, step by step, so that other work on the machine falls on all alike; medians and minima survive it.
/// </summary>
internal static class NestedProgram
{
    private static readonly (string Name, Func<NestedData, TrainingStep> Create)[] s_variants =
    [
        ("(a) full width alone", data => new OurStep(data, new MatryoshkaDimensions(data.Width), loss => loss.Forward)),
        ("(b) nested", data => new OurStep(data, data.Nested, loss => loss.Forward)),
        ("    nested, general way", data => new OurStep(data, data.Nested, loss => loss.ForwardGeneral)),
        ("(c) cut each time", data => new OurStep(data, data.Nested, loss => loss.ForwardByCutting)),
        ("(d) written by hand", data => new PlainStep(data, data.Nested)),
    ];

    public static int Run(string[] args)
    {
        LibTorch.EnsureLoaded();
        var settings = args.Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        int steps = Numbers("steps", "60")[0];
        foreach (int threads in Numbers("threads", "1"))
        {
            set_num_threads(threads);
            foreach (bool pairs in new[] { true, false })
            {
                foreach (int width in Numbers("widths", "384,768,1024"))
                {
                    using var data = new NestedData(pairs, width);
                    foreach (int batch in Numbers("batches", "256,512"))
                    {
                        Console.WriteLine(FormattableString.Invariant($"{(pairs ? "pairs" : "classes")}, D = {width}, B = {batch}, {threads} threads, load {Load()}"));
                        Measure(data, batch, steps);
                    }
                }
            }
        }
        return 0;

        int[] Numbers(string name, string otherwise) => [.. settings.GetValueOrDefault(name, otherwise).Split(',').Select(int.Parse)];
    }

    private static void Measure(NestedData data, int batch, int steps)
    {
        const int WarmUp = 5;
        var random = new Random(1);
        TrainingStep[] variants = [.. s_variants.Select(v => v.Create(data))];
        var times = variants.Select(_ => new double[steps]).ToArray();
        for (int i = -WarmUp; i < steps; i++)
        {
            long[] rows = [.. Enumerable.Range(0, batch).Select(_ => (long)random.Next(NestedData.Rows))];
            for (int v = 0; v < variants.Length; v++)
            {
                long start = Stopwatch.GetTimestamp();
                variants[v].Run(rows);
                if (i >= 0)
                {
                    times[v][i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            }
        }
        double[] sums = [.. times.Select(t => t.Min())];
        for (int v = 0; v < variants.Length; v++)
        {
            Array.Sort(times[v]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {s_variants[v].Name,-26} median {times[v][steps / 2],8:F2} ms  minimum {times[v][0],8:F2} ms  to (b) {times[v][0] / times[1][0],5:F2}  median to (b) {Median(v) / Median(1),5:F2}"));
            variants[v].Dispose();
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  (b) / (a): minimum {sums[1] / sums[0]:F3}, median {Median(1) / Median(0):F3}"));

        double Median(int v) => times[v].Order().ElementAt(steps / 2);
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
