using System.Diagnostics;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Measures quality by dimension on real data: <c>dotnet run -c Release --project tests/Microsoft.ML.Mrl.Benchmarks -- quality FOLDER [key=value …]</c>.
/// Tables go to the output, what is being done to the error stream.
/// </summary>
internal static class QualityProgram
{
    public static int Run(string[] args)
    {
        QualitySettings settings;
        try
        {
            settings = new QualitySettings(args.Skip(1));
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        if (args.Length == 0 || !Directory.Exists(args[0]))
        {
            Console.Error.WriteLine($"Name the folder of the data sets. Use:\n{QualitySettings.Usage}");
            return 2;
        }
        Console.WriteLine($"{RunDescription.Now()}. Seeds {string.Join(", ", settings.Seeds)}. Settings: {(settings.ToString() is { Length: > 0 } given ? given : "the defaults")}.");
        Console.WriteLine("Mean ± standard deviation over seeds. ↓: below raw, PCA or a head for each by more than that one's deviation. " +
            "98 % from: the smallest dimension with 98 % of the value at full width. Seconds: to fit and measure with one learning rate.");
        foreach (string name in settings.Tasks)
        {
            QualityTask task = Load(name, args[0], settings);
            var results = new List<SystemResult>();
            foreach (QualitySystem system in QualitySystem.For(task, settings).Where(system => settings.Systems.Contains(system.Kind)))
            {
                results.Add(Measure(task, system, settings.Seeds));
            }
            Console.WriteLine();
            Console.Write(ResultTable.Of(task, results));
        }
        return 0;
    }

    private static QualityTask Load(string name, string folder, QualitySettings settings) => name switch
    {
        "banking77" => Banking77.Load(folder),
        "clinc150" => Clinc150.Load(folder),
        "stsb" => StsBenchmark.Load(folder),
        "scifact" => SciFact.Load(folder),
        "mnist" => Mnist.Load(folder),
        "optdigits" => Optdigits.Load(folder),
        "support" => TextFeatures.Load(settings.SupportFile),
        _ => throw new ArgumentException($"There is no task '{name}'. Use:\n{QualitySettings.Usage}"),
    };

    private static SystemResult Measure(QualityTask task, QualitySystem system, int[] seeds)
    {
        var runs = new List<IReadOnlyList<DimensionRow>>();
        var seconds = new List<double>();
        foreach (int seed in system.IsSeeded ? seeds : seeds[..1])
        {
            var clock = Stopwatch.StartNew();
            runs.Add(system.Measure(task, seed));
            seconds.Add(clock.Elapsed.TotalSeconds);
            Console.Error.WriteLine($"{task.Name}, {system.Name}, seed {seed}: {clock.Elapsed.TotalSeconds:F1} s");
        }
        // The first seed also tries the learning rates.
        return new SystemResult(system, runs, seconds.Skip(seconds.Count > 1 ? 1 : 0).Average());
    }
}
