using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Static;

/// <summary>
/// What does fine-tuning a static encoder bring, with the nested loss and without? <c>dotnet run -c Release --project
/// tests/Microsoft.ML.Mrl.Benchmarks -- static FOLDER [tasks=banking77,clinc150,stsb] [starts=glove,nothing] [seeds=1] [rate=0.02]
/// [epochs=40] [batch=256] [rows=test|held-back]</c>. Tables go to the output, what is being done to the error stream.
/// </summary>
internal static class StaticProgram
{
    private const int Width = 100;

    private static readonly string[] s_keys = ["tasks", "starts", "seeds", "rate", "epochs", "batch", "rows"];

    public static int Run(string[] args)
    {
        Dictionary<string, string> settings = args.Skip(1).Select(a => a.Split('=', 2))
            .ToDictionary(p => p[0], p => p.Length == 2 ? p[1] : "");
        if (args.Length == 0 || !Directory.Exists(args[0]) || settings.Keys.Any(k => !s_keys.Contains(k)))
        {
            Console.Error.WriteLine($"Name the folder of the data sets, then key=value with keys {string.Join(", ", s_keys)}.");
            return 2;
        }
        double rate = double.Parse(List("rate", "0.02"), CultureInfo.InvariantCulture);
        int epochs = int.Parse(List("epochs", "40"), CultureInfo.InvariantCulture);
        int batch = int.Parse(List("batch", "256"), CultureInfo.InvariantCulture);
        Console.WriteLine(
            $"{RunDescription.Now()}. Values × 100 on {List("rows", "test")} rows by dimensions; what is trained: mean over seeds {List("seeds", "1")}.");
        foreach (string name in List("tasks", "banking77,clinc150,stsb").Split(','))
        {
            TextTask task = List("rows", "test") == "held-back" ? TextTask.LoadHeldBack(name, args[0]) : TextTask.Load(name, args[0]);
            foreach (string start in List("starts", "glove,nothing").Split(','))
            {
                Console.WriteLine();
                Console.Write(Table(task, start));
            }
        }
        return 0;

        string List(string key, string otherwise) => settings.GetValueOrDefault(key, otherwise);

        string Table(TextTask task, string start)
        {
            MatryoshkaDimensions dimensions = MatryoshkaDimensions.DoubledUpTo(Width);
            int[] seeds = Array.ConvertAll(List("seeds", "1").Split(','), s => int.Parse(s, CultureInfo.InvariantCulture));
            var text = new StringBuilder();
            text.Append(
                CultureInfo.InvariantCulture,
                $"### {task.Name}, start: {start} ({task.Train.Length:N0} training rows)\n\n| {task.Metric} | {string.Join(" | ", dimensions)} | seconds |\n|---|{string.Concat(dimensions.Select(_ => "---:|"))}---:|\n");
            Row("untrained prefix", seed => task.Measure(Encoder(seed), null, dimensions));
            Row("untrained, PCA prefix", seed =>
            {
                StaticTextEncoder encoder = Encoder(seed);
                return task.Measure(
                    encoder, new MLContext(seed).Transforms.PcaRotate("P", "A", Width).Fit(task.Embedded(encoder)).Head, dimensions);
            });
            Row("linear head, nested loss", seed =>
            {
                StaticTextEncoder encoder = Encoder(seed);
                return task.Measure(
                    encoder,
                    new MLContext()
                    .Transforms.MrlFineTune(HeadOptions(task.VectorObjective, seed) with { InputColumnName = "A", Dimensions = dimensions })
                    .Fit(task.Embedded(encoder)).Head, dimensions);
            });
            Row("encoder, loss at 100 alone", seed => Trained(Options(seed, [Width])));
            Row("encoder, nested loss", seed => Trained(Options(seed, dimensions)));
            Row("MrlFineTuneEncoder", seed => Trained(Options(seed, dimensions) with
            {
                StartingPoint = null, Gate = HarmGate.NoDimensionWorse,
            }));
            return text.ToString();

            StaticTextEncoder Encoder(int seed) => start == "glove" ? StartingEncoders.Glove(args[0])
                : StartingEncoders.FromNothing(task, Width, seed);

            MrlFineTuneEncoderOptions Options(int seed, MatryoshkaDimensions trained) => new()
            {
                OutputColumnName = "Embedding",
                InputColumnName = nameof(TextExample.Text),
                Encoder = Encoder(seed),
                Objective = task.Objective,
                Dimensions = trained,
                StartingPoint = StartingPoint.Pca,
                Seed = seed,
                Gate = HarmGate.Off,
                LearningRate = rate,
                Epochs = epochs,
                BatchSize = batch,
            };

            double[] Trained(MrlFineTuneEncoderOptions options)
            {
                TextEncoder encoder = new MLContext().Transforms.MrlFineTuneEncoder(options).Fit(task.TrainView).Encoder;
                Console.Error.WriteLine($"{task.Name}, {start}, trained at {options.Dimensions}: {encoder.Training}");
                return task.Measure(encoder, null, dimensions);
            }

            void Row(string system, Func<int, double[]> measure)
            {
                var clock = Stopwatch.StartNew();
                double[][] runs = [.. seeds.Select(measure)];
                string cells = string.Join(
                    " | ", dimensions.Select((_, i) => (runs.Average(r => r[i]) * 100).ToString("F1", CultureInfo.InvariantCulture)));
                text.Append(CultureInfo.InvariantCulture, $"| {system} | {cells} | {clock.Elapsed.TotalSeconds / seeds.Length:F1} |\n");
            }
        }

        MrlFineTuneOptions HeadOptions(MrlObjective objective, int seed) => new()
        {
            Head = HeadKind.Linear,
            OutputColumnName = "Embedding",
            Objective = objective,
            Seed = seed,
            Gate = HarmGate.Off,
            LearningRate = rate,
            Epochs = epochs,
            BatchSize = batch,
        };
    }
}
