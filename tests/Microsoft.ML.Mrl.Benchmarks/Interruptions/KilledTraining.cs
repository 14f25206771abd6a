using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Benchmarks.Tune;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.Benchmarks.Interruptions;

/// <summary>The trainings that are killed, of a head, a static encoder and a small transformer: always the same data, always going on from
/// what is in their folder.</summary>
internal static class KilledTraining
{
    private const int Width = 64;
    private const int Groups = 20;

    public static IReadOnlyList<string> Kinds { get; } = ["head", "static", "transformer"];

    /// <summary>Trains to the end.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="folder">Where checkpoints lie.</param>
    /// <returns>The fingerprint of what came out.</returns>
    public static string Run(string kind, string folder) => kind switch
    {
        "head" => Head(folder),
        "static" =>
            Encoder(Pairs(4000, 12), texts =>
                StaticTextEncoder.Create(texts, new StaticEncoderOptions { Dimensions = Width, Buckets = 256 }), folder, epochs: 20),
        "transformer" =>
            Encoder(Pairs(240, 6), _ => RandomBert.Make(Path.Combine(folder, "encoder"), layers: 2, hidden: Width), folder, epochs: 6),
        _ => throw new ArgumentException($"There is no training of a {kind}. Choose {string.Join(", ", Kinds)}.", nameof(kind)),
    };

    private static string Head(string folder)
    {
        var random = new Random(5);
        Row[] rows = [.. Enumerable.Range(0, 6000).Select(i => new Row
        {
            Vector = [.. Enumerable.Range(0, Width).Select(j => random.NextSingle() - 0.5f + (j % Groups == i % Groups ? 0.6f : 0f))],
            Label = i % Groups,
        })];
        var mlContext = new MLContext(seed: 1);
        return mlContext.Transforms.MrlFineTune(Options("Vector", MrlObjective.Classification(), folder, epochs: 30))
            .Fit(mlContext.Data.LoadFromEnumerable(rows)).Head.Fingerprint;
    }

    private static string Encoder(TextPair[] pairs, Func<IEnumerable<string>, TextEncoder> start, string folder, int epochs)
    {
        var mlContext = new MLContext(seed: 1);
        var options = new MrlFineTuneEncoderOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = "Text",
            Objective = MrlObjective.Pairs("Positive"),
            Epochs = epochs,
            Patience = epochs,
            CheckpointFolder = folder,
            CheckpointEvery = 3,
            Encoder = start(pairs.SelectMany(pair => new[] { pair.Text, pair.Positive })),
            BatchSize = 32,
            // Otherwise the encoder as it was could win each time, and the bytes of the learned one would go unseen.
            Gate = HarmGate.Off,
        };
        return mlContext.Transforms.MrlFineTuneEncoder(options).Fit(mlContext.Data.LoadFromEnumerable(pairs)).Encoder.Fingerprint;
    }

    private static MrlFineTuneOptions Options(string input, MrlObjective objective, string folder, int epochs) => new()
    {
        LearningRate = 0.02,
        Head = HeadKind.Linear,
        OutputColumnName = "Embedding",
        InputColumnName = input,
        Objective = objective,
        Epochs = epochs,
        Patience = epochs,
        CheckpointFolder = folder,
        CheckpointEvery = 3,
    };

    /// <summary>Texts of the same group share words with their positives among words that all have.</summary>
    private static TextPair[] Pairs(int rows, int words)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, rows).Select(i => new TextPair { Text = Text(i % Groups), Positive = Text(i % Groups) })];

        string Text(int group) =>
            string.Join(
                ' ', Enumerable.Range(0, words)
                .Select(_ => $"w{(random.Next(3) == 0 ? group * 5 + random.Next(5) : 200 + random.Next(2000))}"));
    }

    private sealed class Row
    {
        [VectorType(Width)]
        public float[] Vector { get; set; } = [];

        public int Label { get; set; }
    }
}
