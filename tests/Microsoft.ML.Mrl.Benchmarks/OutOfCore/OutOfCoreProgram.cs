using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.OutOfCore;

/// <summary>
/// Trains one epoch on rows that do not fit the budget and prints a line of the table of memory and time:
/// <c>dotnet run -c Release -- outofcore ROWS [budget in MiB]</c>, one process a size.
/// </summary>
internal static class OutOfCoreProgram
{
    private const int Width = 256;

    public static int Run(string[] args)
    {
        if (args.Length is 0 or > 2 || args.Any(word => !long.TryParse(word, CultureInfo.InvariantCulture, out _)))
        {
            Console.Error.WriteLine("Use: outofcore ROWS [MIB=256]");
            return 2;
        }
        long rows = long.Parse(args[0], CultureInfo.InvariantCulture);
        long budget = (args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 256) << 20;
        var clock = Stopwatch.StartNew();
        var phases = new Phases(clock);
        new MLContext(1).Transforms.MrlFineTune(new MrlFineTuneOptions
        {
            LearningRate = 0.02,
            Head = HeadKind.Linear,
            OutputColumnName = "Embedding",
            InputColumnName = "Input",
            Objective = MrlObjective.Classification("Label"),
            Epochs = 1,
            Seed = 1,
            MemoryBudget = budget,
        }).Fit(new GeneratedRows(rows, Width, seed: 1), null, phases);
        double seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(
            "| rows | budget MiB | data MiB | peak resident MiB | anonymous MiB at most | seconds | processor µs per row | µs per row: all | reading | start | epoch |");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {rows} | {budget >> 20} | {rows * Width * 4 >> 20} | {PeakMemory.Resident() >> 20} | {phases.MostAnonymous >> 20} | {seconds:F0} | {PerRow(Environment.CpuUsage.TotalTime.TotalSeconds):F1} | {PerRow(seconds):F1} | {PerRow(phases.Read):F1} | {PerRow(phases.Started - phases.Read):F1} | {PerRow(seconds - phases.Started):F1} |"));
        return 0;

        double PerRow(double time) => time / rows * 1e6;
    }

    /// <summary>Notes when the parts of the training began.</summary>
    private sealed class Phases(Stopwatch clock) : IProgress<MrlProgress>
    {
        public double Read { get; private set; }

        public double Started { get; private set; }

        public long MostAnonymous { get; private set; }

        public void Report(MrlProgress value)
        {
            MostAnonymous = Math.Max(MostAnonymous, PeakMemory.Anonymous());
            if (value.Phase == MrlPhase.Starting)
            {
                Read = clock.Elapsed.TotalSeconds;
            }
            else if (value.Phase == MrlPhase.Training && Started == 0)
            {
                Started = clock.Elapsed.TotalSeconds;
            }
        }
    }
}
