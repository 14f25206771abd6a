using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>
/// What does a nested training step cost, compared with one at full width? <c>dotnet run -c Release -- nested [threads=1] [steps=60]
/// [widths=384,768,1024] [batches=256,512] [objectives=pairs,classes] [variants=abgcd]</c>. The variants take turns, step by step, so that
/// other work on the machine falls on all alike; medians and minima survive it.
/// </summary>
internal static class NestedProgram
{
    private static readonly (string Name, Func<NestedData, TrainingStep> Create)[] s_variants =
    [
        ("a full width alone", data => new OurStep(data, new MatryoshkaDimensions(data.Width), loss => loss.Forward)),
        ("b nested", data => new OurStep(data, data.Nested, loss => loss.Forward)),
        ("g nested, general way", data => new OurStep(data, data.Nested, loss => loss.ForwardGeneral)),
        ("c cut each time", data => new OurStep(data, data.Nested, loss => loss.ForwardByCutting)),
        ("d written by hand", data => new PlainStep(data, data.Nested)),
    ];

    public static int Run(string[] args)
    {
        LibTorch.EnsureLoaded();
        var settings = args.Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        string letters = settings.GetValueOrDefault("variants", "abgcd");
        int steps = Numbers("steps", "60")[0];
        foreach (int threads in Numbers("threads", "1"))
        {
            set_num_threads(threads);
            foreach (string objective in settings.GetValueOrDefault("objectives", "pairs,classes").Split(','))
            {
                bool pairs = objective == "pairs";
                foreach (int width in Numbers("widths", "384,768,1024"))
                {
                    using var data = new NestedData(pairs, width);
                    foreach (int batch in Numbers("batches", "256,512"))
                    {
                        Console.WriteLine(
                            FormattableString.Invariant($"{objective}, D = {width}, B = {batch}, {threads} threads, load {Load()}"));
                        Measure(s_variants.Where(v => letters.Contains(v.Name[0], StringComparison.Ordinal)).ToArray(), data, batch, steps);
                    }
                }
            }
        }
        return 0;

        int[] Numbers(string name, string otherwise) => [.. settings.GetValueOrDefault(name, otherwise).Split(',').Select(int.Parse)];
    }

    private static void Measure((string Name, Func<NestedData, TrainingStep> Create)[] variants, NestedData data, int batch, int steps)
    {
        const int WarmUp = 5;
        var random = new Random(1);
        TrainingStep[] running = [.. variants.Select(v => v.Create(data))];
        var times = variants.Select(_ => new double[steps]).ToArray();
        for (int i = -WarmUp; i < steps; i++)
        {
            int[] rows = [.. Enumerable.Range(0, batch).Select(_ => random.Next(NestedData.Rows))];
            for (int v = 0; v < variants.Length; v++)
            {
                long start = Stopwatch.GetTimestamp();
                running[v].Run(rows);
                if (i >= 0)
                {
                    times[v][i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            }
        }
        int nested = Math.Max(0, Array.FindIndex(variants, v => v.Name[0] == 'b'));
        for (int v = 0; v < variants.Length; v++)
        {
            Array.Sort(times[v]);
        }
        for (int v = 0; v < variants.Length; v++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {variants[v].Name,-22} median {times[v][steps / 2],7:F2} ms, minimum {times[v][0],7:F2} ms; to nested: median {times[v][steps / 2] / times[nested][steps / 2]:F3}, minimum {times[v][0] / times[nested][0]:F3}"));
            running[v].Dispose();
        }
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
