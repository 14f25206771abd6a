using System.Globalization;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Quantization;

/// <summary>
/// What is better at equal bytes, more dimensions or finer values? Accuracy of the nearest neighbour on the test rows of banking77,
/// MiniLM vectors, by dimension and type: <c>-- quantization [data=FOLDER] [cache=FOLDER] [seeds=1,2] [rows=N]</c>. What is stored is
/// quantized, ranges of signed bytes are those of the training rows, and the test rows stay in single precision.
/// </summary>
internal static class QuantizedQuality
{
    private const string Metric = "1-NN";

    private static readonly EmbeddingType[] s_types = [EmbeddingType.Single, EmbeddingType.Half, EmbeddingType.Int8, EmbeddingType.Binary];
    private static readonly MatryoshkaDimensions s_dimensions = new(8, 16, 32, 64, 128, 256, 384);

    public static int Run(string[] args)
    {
        QualitySettings settings;
        try
        {
            settings = new QualitySettings(["banking77", "minilm", .. args]);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        VectorSource source = VectorSource.Of("minilm", settings.DataFolder, settings.CacheFolder);
        (Example[] train, Example[] test) = settings.Rows.Choose(
            Banking77.Part("train", settings.DataFolder, source), Banking77.Part("test", settings.DataFolder, source));
        Console.WriteLine(
            $"{RunDescription.Now()}. banking77, MiniLM, {train.Length:N0} training and {test.Length:N0} test rows, {Metric} in %, mean of seeds {string.Join(", ", settings.Seeds)}.");
        foreach ((string name, Func<int, IDataView, EmbeddingHead?> fit) in new (string, Func<int, IDataView, EmbeddingHead?>)[]
        {
            ("raw", (_, _) => null),
            ("PCA", (seed, view) => new MLContext(seed).Transforms.PcaRotate("Embedding", nameof(Example.Vector), s_dimensions.Largest)
                .Fit(view).Head),
            ("Classification", (seed, view) => new MLContext(seed).Transforms.MrlFineTune(
                "Embedding", nameof(Example.Vector), MrlObjective.Classification(nameof(Example.Label)), s_dimensions).Fit(view).Head),
        })
        {
            Print(name,
                [.. (name == "Classification" ? settings.Seeds : [settings.Seeds[0]]).Select(seed => Measure(fit, seed, train, test))]);
        }
        return 0;
    }

    private static DimensionReport Measure(Func<int, IDataView, EmbeddingHead?> fit, int seed, Example[] train, Example[] test)
    {
        var mlContext = new MLContext(seed);
        IDataView learned = Example.View(mlContext, train), asked = Example.View(mlContext, test);
        EmbeddingHead? head = fit(seed, learned);
        string column = nameof(Example.Vector);
        if (head is not null)
        {
            column = "Embedding";
            IEstimator<ITransformer> apply = mlContext.Transforms.ApplyEmbeddingHead(column, nameof(Example.Vector), head);
            (learned, asked) = (apply.Fit(learned).Transform(learned), apply.Fit(asked).Transform(asked));
        }
        return mlContext.Mrl().EvaluateClassification(
            asked, column, nameof(Example.Label), learned, s_dimensions, new ClassificationOptions { Types = s_types });
    }

    private static void Print(string name, DimensionReport[] runs)
    {
        Console.WriteLine($"\n| {name} | {string.Join(" | ", s_dimensions)} |\n|---|{string.Concat(s_dimensions.Select(_ => "---:|"))}");
        foreach (EmbeddingType type in s_types)
        {
            Console.WriteLine($"| {type} | {string.Join(" | ", s_dimensions.Select(m => Percent(Score(m, type))))} |");
        }
        (int Dimensions, EmbeddingType Type, long Bytes)[] all = [
            .. s_types.SelectMany(type => s_dimensions.Select(m => (m, type, runs[0][m, type].BytesPerVector)))];
        Console.WriteLine(
            $"\nBest for as many bytes, {name}: {string.Join("; ", all.Select(own => own.Bytes).Distinct().Order().Select(Best))}.");

        string Best(long bytes)
        {
            (int m, EmbeddingType type, long own) = all.Where(one => one.Bytes <= bytes).MaxBy(one => Score(one.Dimensions, one.Type));
            return $"{bytes} bytes: {m} x {type} {Percent(Score(m, type))}{(own < bytes ? $" (in {own})" : "")}";
        }

        double Score(int m, EmbeddingType type) => runs.Average(run => run[m, type][Metric]);
    }

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);
}
