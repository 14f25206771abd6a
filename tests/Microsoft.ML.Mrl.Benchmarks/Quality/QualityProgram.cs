using System.Diagnostics;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Measures quality by dimension on real data: <c>dotnet run -c Release --project tests/Microsoft.ML.Mrl.Benchmarks -- quality [TASK …]
/// [ENCODER …] [key=value …]</c>. Tables go to the output, what is being done to the error stream.
/// </summary>
internal static class QualityProgram
{
    public static int Run(string[] args)
    {
        QualitySettings settings;
        try
        {
            settings = new QualitySettings(args);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        Console.WriteLine(
            $"{RunDescription.Now()}. Defaults, {(settings.Seeds.Length == 1 ? "seed" : "mean of seeds")} {string.Join(", ", settings.Seeds)}.");
        Console.WriteLine("± standard error of the test rows. ↓: below the better of raw and PCA by more than that. " +
            "98 %: the smallest dimension with 98 % of what the raw vectors reach at their full width.");
        foreach (string name in settings.Tasks)
        {
            foreach (string encoder in QualityTask.HasTexts(name) ? settings.Encoders : ["pixels"])
            {
                VectorSource source = VectorSource.Of(encoder == "pixels" ? "glove" : encoder, settings.DataFolder, settings.CacheFolder);
                QualityTask task = QualityTask.Load(name, settings.DataFolder, source, settings.Rows);
                SystemResult[] results = [.. QualitySystem.For(task, settings.Log).Select(system => Measure(task, system, settings.Seeds))];
                Console.WriteLine();
                Console.Write(ResultTable.Of(task, encoder, results));
            }
        }
        return 0;
    }

    private static SystemResult Measure(QualityTask task, QualitySystem system, int[] seeds)
    {
        var clock = Stopwatch.StartNew();
        seeds = system.IsSeeded ? seeds : seeds[..1];
        var result = new SystemResult(system, [.. seeds.Select(seed => system.Measure(task, seed))]);
        Console.Error.WriteLine($"{task.Name}, {system.Name}: {clock.Elapsed.TotalSeconds / seeds.Length:F1} s");
        return result;
    }
}
