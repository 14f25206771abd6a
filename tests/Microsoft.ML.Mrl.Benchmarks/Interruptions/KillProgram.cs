using System.Diagnostics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.Interruptions;

/// <summary>
/// Kills trainings at random moments and lets them go on: <c>-- kill [TIMES]</c>, 20 unless told otherwise. Every one must come to the bytes of a training
/// that was left in peace.
/// </summary>
internal static class KillProgram
{
    private const int Width = 64;

    public static int Run(string[] args)
    {
        int times = args.Length > 0 ? int.Parse(args[0]) : 20;
        string folder = Path.Combine(Path.GetTempPath(), $"mrl-kill-{Guid.NewGuid():N}");
        var random = new Random(1);
        try
        {
            string wanted = ChildToItsEnd(Path.Combine(folder, "peace"));
            int killed = 0;
            for (int training = 0; killed < times; training++)
            {
                string own = Path.Combine(folder, $"training-{training}");
                string? got = null;
                while (got is null)
                {
                    if (killed == times)
                    {
                        got = ChildToItsEnd(own);
                        break;
                    }
                    using Process child = Start(own);
                    Task<string> output = child.StandardOutput.ReadToEndAsync();
                    if (child.WaitForExit(random.Next(200, 4000)))
                    {
                        got = output.Result.Trim();
                        break;
                    }
                    child.Kill();
                    child.WaitForExit();
                    killed++;
                    Console.WriteLine($"killed {killed} of {times}: {Directory.GetFiles(own, "*.checkpoint").Select(Path.GetFileName).Order().LastOrDefault("before the first checkpoint")}");
                }
                if (got != wanted)
                {
                    Console.Error.WriteLine($"training {training} ended at {got}, not at {wanted}");
                    return 1;
                }
                Console.WriteLine($"training {training} came to {got}, as one left in peace");
            }
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Trains, going on from what is in the folder, and prints the head's fingerprint.</summary>
    public static int RunChild(string folder)
    {
        var random = new Random(5);
        Row[] rows = [.. Enumerable.Range(0, 6000).Select(i => new Row
        {
            Vector = [.. Enumerable.Range(0, Width).Select(j => random.NextSingle() - 0.5f + (j % 20 == i % 20 ? 0.6f : 0f))],
            Label = i % 20,
        })];
        var mlContext = new MLContext(seed: 1);
        var options = new MrlFineTuneOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = "Vector",
            Objective = MrlObjective.Classification(),
            Epochs = 30,
            Patience = 30,
            CheckpointFolder = folder,
            CheckpointEvery = 7,
        };
        Console.WriteLine(mlContext.Transforms.MrlFineTune(options).Fit(mlContext.Data.LoadFromEnumerable(rows)).Head.Fingerprint);
        return 0;
    }

    private static string ChildToItsEnd(string folder)
    {
        using Process child = Start(folder);
        return child.StandardOutput.ReadToEnd().Trim();
    }

    private static Process Start(string folder)
    {
        Directory.CreateDirectory(folder);
        return Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["kill-child", folder]) { RedirectStandardOutput = true })!;
    }

    private sealed class Row
    {
        [VectorType(Width)]
        public float[] Vector { get; set; } = [];

        public int Label { get; set; }
    }
}
