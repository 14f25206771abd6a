using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>Small well-formed files.</summary>
internal static class FuzzSamples
{
    public const string Csv =
        "id,text,label,vector\n1,\"a, \"\"b\"\"\",x,\"[1, 2.5, -3e-4]\"\n2,\"two\nlines\",y,\"[0, 1, 2]\"\n3,plain,x,\"[4, 5, 6]\"\n";

    private static readonly string[] s_words = ["the", "cat", "sat", "on", "mat", "déjà", "dog"];

    public static byte[][] Heads() => [.. AllHeads().Select(head => Saved(head.Save))];

    public static byte[][] Classifiers()
    {
        FuzzRow[] rows = FuzzRow.Make(100);
        return [.. Enum.GetValues<AdaptiveClassifierKind>().Select(kind => Saved(AdaptiveClassifier.Fit(
            [.. rows.SelectMany(row => row.Vector)], [.. rows.Select(row => row.Label)],
            new AdaptiveClassifierOptions { Kind = kind, Dimensions = [4, 8] }).Save))];
    }

    public static byte[][] Encoders() => [Saved(WordEncoder().Write), Saved(TrainedWords().Write)];

    public static byte[][] Models()
    {
        var mlContext = new MLContext(1);
        IDataView rows = FuzzRow.View(mlContext, 10);
        IEstimator<ITransformer> ofHead = mlContext.Transforms.ApplyEmbeddingHead("Embedding", "Vector", AllHeads()[0])
            .Append(mlContext.Transforms.QuantizeEmbedding("Bytes", "Embedding", EmbeddingType.Int8));
        IEstimator<ITransformer> ofEncoder = mlContext.Transforms.EncodeText("Embedding", "Text", WordEncoder())
            .Append(mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: 2));
        return [.. new[] { ofHead, ofEncoder }.Select(estimator =>
        {
            using var stream = new MemoryStream();
            mlContext.Model.Save(estimator.Fit(rows), rows.Schema, stream);
            return stream.ToArray();
        })];
    }

    public static byte[][] Indexes()
    {
        var random = new Random(4);
        float[] values = [.. Enumerable.Range(0, 64 * 16).Select(_ => random.NextSingle() - 0.5f)];
        FunnelPlan?[] plans = [null, new FunnelPlan(8, EmbeddingType.Int8, candidates: 10, expansion: 16)];
        return [.. plans.Select(plan =>
        {
            using FunnelIndex index = FunnelIndex.Build(values, 16, new FunnelIndexOptions { Plan = plan, MaxDegreeOfParallelism = 1 });
            return Saved(index.Save);
        })];
    }

    public static byte[][] Reports()
    {
        var mlContext = new MLContext(1);
        return [Encoding.UTF8.GetBytes(mlContext.Mrl().EvaluateClassification(FuzzRow.View(mlContext, 60), "Vector", "Label").ToJson())];
    }

    public static byte[][] SavedTexts()
    {
        var mlContext = new MLContext(1);
        return [Saved(stream => mlContext.Data.SaveAsText(FuzzRow.View(mlContext, 10), stream))];
    }

    public static TrainingConfig Config() => new()
    {
        DataSource = new ConfigDataSource { FilePath = "rows.csv", Delimiter = ";", DecimalMarker = "," },
        TrainingOption =
            new ConfigTrainingOption { Dimensions = [8, 16], Epochs = 3, LearningRate = 0.1, BatchSize = 32, TrainingTime = 60 },
    };

    public static string WordVectors(bool header) => (header ? "7 3\n" : "")
        + string.Concat(s_words.Select((word, i) => string.Create(CultureInfo.InvariantCulture, $"{word} {i}.5 -0.{i} 1e-3\n")));

    public static byte[] BinaryWordVectors()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("7 3\n"u8);
        foreach (string word in s_words)
        {
            writer.Write(Encoding.UTF8.GetBytes(word + " "));
            writer.Write(1.5f);
            writer.Write(-2f);
            writer.Write((float)word.Length);
            writer.Write((byte)'\n');
        }
        return stream.ToArray();
    }

    /// <summary>The embedded files whose names end so.</summary>
    public static byte[][] Resources(string ending)
    {
        Assembly assembly = typeof(FuzzSamples).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(name => name.EndsWith(ending, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(name =>
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        })];
    }

    private static EmbeddingHead[] AllHeads()
    {
        var random = new Random(5);
        float[] identity = [.. Enumerable.Range(0, 64).Select(i => i % 9 == 0 ? 1f : 0)];
        return [new LinearHead(Numbers(8 * 4), Numbers(4), [2, 4]), new OrthogonalHead(identity, [4, 8]),
            new ResidualHead(Numbers(8 * 4), Numbers(4), Numbers(8 * 6), Numbers(6), Numbers(6 * 4), [4])];

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static StaticTextEncoder WordEncoder()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, WordVectors(header: true));
        StaticTextEncoder encoder = StaticTextEncoder.LoadWordVectors(path);
        File.Delete(path);
        return encoder;
    }

    private static StaticTextEncoder TrainedWords() =>
        StaticTextEncoder.Create(
            ["the cat sat", "the dog sat on a mat", "a cat on the mat"],
            new StaticEncoderOptions { Dimensions = 4, MinCount = 1, Buckets = 8 });

    private static byte[] Saved(Action<Stream> save)
    {
        using var stream = new MemoryStream();
        save(stream);
        return stream.ToArray();
    }
}
