using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.FineTune;

/// <summary>
/// What does a training take as a user meets it? <c>dotnet run -c Release -- finetune [data=FOLDER] [cache=FOLDER] [rounds=3] [rows=N]
/// [epochs=40]</c>: <c>MrlFineTune</c> on the MiniLM vectors of banking77 with its defaults, which try heads and learning rates; the one
/// training that they end with; and the same head, loss, rate and number of epochs written in plain TorchSharp. Each is a process of its
/// own, which take turns; times are those of the training alone, without reading the vectors, and medians of the rounds.
/// </summary>
internal static class FineTuneProgram
{
    public static int Run(string[] args)
    {
        var settings = new Dictionary<string, string> { ["data"] = "", ["cache"] = "", ["rounds"] = "3", ["rows"] = "", ["epochs"] = "40" };
        foreach (string word in args)
        {
            if (word.Split('=', 2) is not [var key, { Length: > 0 } value] || !settings.ContainsKey(key))
            {
                Console.Error.WriteLine($"Use: finetune {string.Join(' ', settings.Select(pair => $"[{pair.Key}={pair.Value}]"))}");
                return 2;
            }
            settings[key] = value;
        }
        var quality = new QualitySettings(
            [.. settings.Where(pair => pair.Key is "data" or "cache" or "rows" && pair.Value.Length > 0)
            .Select(pair => $"{pair.Key}={pair.Value}")]);
        // Whoever comes first embeds the texts, and it should be none of those that are measured.
        LabelledTask task = Load(quality);
        Console.WriteLine(
            $"{RunDescription.Now()}. {task.Name}, MiniLM: {task.Description}; seed 1, at most {settings["epochs"]} epochs, median of {settings["rounds"]} rounds.");

        var results = FineTuneWay.Names.ToDictionary(name => name, _ => new List<FineTuneResult>());
        string epochs = settings["epochs"];
        for (int round = 0; round < int.Parse(settings["rounds"], CultureInfo.InvariantCulture); round++)
        {
            foreach (string name in FineTuneWay.Names)
            {
                // The plain loop does not stop early: it makes as many epochs as the one training made.
                string most = name == FineTuneWay.Plain ? results[FineTuneWay.One][^1].Epochs.ToString(CultureInfo.InvariantCulture)
                    : epochs;
                FineTuneResult result = Child(name, most, quality, settings["rows"]);
                results[name].Add(result);
                Console.Error.WriteLine(FormattableString.Invariant($"{name}: {result.Seconds:F1} s"));
            }
        }
        Print(results);
        return 0;
    }

    /// <summary>One training, in a process of its own; its result goes to the output.</summary>
    public static int RunChild(string name, string epochs, string data, string cache, string rows)
    {
        LabelledTask task = Load(
            new QualitySettings([$"data={data}", $"cache={cache}", .. rows.Length > 0 ? (string[])[$"rows={rows}"] : []]));
        FineTuneResult result = FineTuneWay.Train(name, task, int.Parse(epochs, CultureInfo.InvariantCulture));
        Console.WriteLine(result.ToLine());
        return 0;
    }

    private static LabelledTask Load(QualitySettings settings) =>
        Banking77.Load(settings.DataFolder, VectorSource.Of("minilm", settings.DataFolder, settings.CacheFolder), settings.Rows);

    private static FineTuneResult Child(string name, string epochs, QualitySettings settings, string rows)
    {
        string[] words = ["finetune-child", name, epochs, settings.DataFolder, settings.CacheFolder, rows];
        using Process child = OwnProcess.Start(words, redirectOutput: true);
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? FineTuneResult.Parse(output.TrimEnd().Split('\n')[^1])
            : throw new InvalidOperationException($"'{name}' ended with {child.ExitCode}.");
    }

    private static void Print(Dictionary<string, List<FineTuneResult>> results)
    {
        int[] dimensions = [.. results[FineTuneWay.Plain][0].Dimensions];
        Console.WriteLine();
        Console.WriteLine(
            $"| training | epochs | seconds | processor seconds | over plain | peak MiB | 1-NN % at {string.Join(" | ", dimensions)} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", dimensions.Length + 5))}");
        double plain = Median(results[FineTuneWay.Plain], result => result.Seconds);
        foreach ((string name, List<FineTuneResult> own) in results)
        {
            double seconds = Median(own, result => result.Seconds);
            string scores = string.Join(" | ", own[0].Scores.Select(score => (100 * score).ToString("F1", CultureInfo.InvariantCulture)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {own[0].Epochs} | {seconds:F1} | {Median(own, result => result.ProcessorSeconds):F1} | {seconds / plain:F2} | {Median(own, result => result.PeakMebibytes):F0} | {scores} |"));
        }
    }

    private static double Median(List<FineTuneResult> results, Func<FineTuneResult, double> value)
    {
        double[] sorted = [.. results.Select(value).Order()];
        return sorted[sorted.Length / 2];
    }
}
