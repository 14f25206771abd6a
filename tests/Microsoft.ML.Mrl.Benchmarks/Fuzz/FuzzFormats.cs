using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Embed;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>The file formats that the project reads.</summary>
internal static class FuzzFormats
{
    private const string Words = "the cat sat on a mat 12 times, déjà vu! \uD83D\uDE00 straße";
    private const string Identity = "a training of two parts";

    /// <summary>Gets all formats by name.</summary>
    public static IReadOnlyDictionary<string, FuzzFormat> All { get; } = new SortedDictionary<string, FuzzFormat>(StringComparer.Ordinal)
    {
        ["zip"] = new(".zip", FuzzSamples.Models, LoadModel) { Damage = DamageArchive },
        ["head"] = new(".head", FuzzSamples.Heads, path => UseHead(EmbeddingHead.Load(Bytes(path)))) { Sign = Checksums.Frame },
        ["classifier"] = new(
            ".classifier", FuzzSamples.Classifiers, path => UseClassifier(AdaptiveClassifier.Load(Bytes(path)))) { Sign = Checksums.Frame },
        ["encoder"] = new(".encoder", FuzzSamples.Encoders, path => TextEncoder.Read(Bytes(path)).Encode(Words)) { Sign = Checksums.Frame },
        ["index"] = new(".index", FuzzSamples.Indexes, UseIndex) { Sign = Checksums.Index },
        ["checkpoint"] = new(".checkpoint", Checkpoints, ReadCheckpoint) { Sign = Checksums.AtTheEnd },
        ["safetensors"] = FuzzFolders.File("model.safetensors"),
        ["config"] = FuzzFolders.File("config.json"),
        ["modules"] = FuzzFolders.File("modules.json"),
        ["pooling"] = FuzzFolders.File("1_Pooling/config.json"),
        ["vocab"] = FuzzFolders.File("vocab.txt"),
        ["tokenizer"] = new(
            ".json", () => FuzzSamples.Resources(".tokenizer.json"),
            path => UseTokenizer(TokenizerFile.Parse(File.ReadAllBytes(path), path))),
        ["sentencepiece"] = new(
            ".model", () => FuzzSamples.Resources(".model"),
            path => UseTokenizer(SentencePieceFile.Parse(File.ReadAllBytes(path), path, 0, 0, []))),
        ["word2vec"] = new(
            ".txt", () =>
                [Encoding.UTF8.GetBytes(FuzzSamples.WordVectors(header: true)),
                Encoding.UTF8.GetBytes(FuzzSamples.WordVectors(header: false))], UseWordVectors),
        ["word2vec-binary"] = new(".bin", () => [FuzzSamples.BinaryWordVectors()], UseWordVectors),
        ["report"] = new(
            ".json", FuzzSamples.Reports, path => DimensionReport.FromJson(Encoding.UTF8.GetString(File.ReadAllBytes(path))).ToHtml()),
        ["mbconfig"] = new(
            ".mbconfig", () => [Encoding.UTF8.GetBytes(FuzzSamples.Config().ToJson())], path => TrainingConfig.Read(path).ToRequest(path)),
        ["csv"] = new(".csv", () => [Encoding.UTF8.GetBytes(FuzzSamples.Csv)], ReadRows),
        ["savedtext"] = new(".tsv", FuzzSamples.SavedTexts, ReadRows),
        ["npy"] = new(".npy", () => [Written(stream => new NpyWriter(stream, 4), keeps: false)], ReadRows),
        ["parquet"] = new(".parquet", () => [Written(stream => new ParquetEmbeddingWriter(stream, 4, ["text"]), keeps: true)], ReadRows),
    };

    /// <summary>Tokenizes with it.</summary>
    public static void UseTokenizer(JsonTokenizer tokenizer) => tokenizer.Encode(Words, new NoTokens());

    private static MemoryStream Bytes(string path) => new(File.ReadAllBytes(path));

    private static void UseHead(EmbeddingHead head)
    {
        IDataView none = new MLContext(1).Data.LoadFromEnumerable(Array.Empty<FuzzRow>());
        if (head.InputDimensions == FuzzRow.Width)
        {
            new MLContext(1).Transforms.ApplyEmbeddingHead("Embedding", "Vector", head).Fit(none);
        }
    }

    private static void UseClassifier(AdaptiveClassifier classifier)
    {
        if (classifier.InputDimensions == FuzzRow.Width)
        {
            classifier.Predict(new float[FuzzRow.Width]);
        }
    }

    private static void LoadModel(string path) =>
        ModelFile.Load(new MLContext(1), path, new LineProgress(TextWriter.Null), CancellationToken.None);

    private static byte[] DamageArchive(byte[] good, byte[] other, Random random) =>
        random.Next(4) == 0 ? Fuzz.Damage.Of(good, other, random) : Checksums.Archive(good, random);

    private static void UseIndex(string path)
    {
        using (FunnelIndex loaded = FunnelIndex.Load(path))
        {
            loaded.Search(new float[loaded.Dimensions], 3);
        }
        using FunnelIndex opened = FunnelIndex.Open(path);
        opened.Search(new float[opened.Dimensions], 3);
    }

    private static void UseWordVectors(string path) => StaticTextEncoder.LoadWordVectors(path).Encode(Words);

    private static void ReadRows(string path)
    {
        using RowReader reader = RowReader.OpenFile(path);
        while (reader.Read())
        {
            for (int i = 0; i < reader.Columns.Count; i++)
            {
                _ = reader.IsVector(i) ? reader.Vector(i).Length : reader.Text(i).Length;
            }
        }
    }

    private static byte[] Written(Func<Stream, EmbeddingWriter> make, bool keeps)
    {
        using var stream = new MemoryStream();
        using (EmbeddingWriter writer = make(stream))
        {
            for (int i = 0; i < 20; i++)
            {
                writer.Write(keeps ? [i.ToString(CultureInfo.InvariantCulture)] : [], [i, 1, 2.5f, -i]);
            }
            writer.Complete();
        }
        return stream.ToArray();
    }

    private static byte[][] Checkpoints()
    {
        using var stream = new MemoryStream();
        var state = new TrainingState { Epoch = 2, Steps = 40, LossSum = 3, LossCount = 9 };
        state.Best.Scores = [0.5, 0.6];
        state.Best.Weights = [new float[6], new float[3]];
        CheckpointFormat.Write(stream, Identity, state, [new float[6], new float[3]], [new float[2]], []);
        return [stream.ToArray()];
    }

    private static void ReadCheckpoint(string path) =>
        CheckpointFormat.Read(Bytes(path), Identity, new TrainingState(), [new float[6], new float[3]], [new float[2]], []);

    private sealed class NoTokens : ITokenSink
    {
        public void Add(int id)
        {
        }

        public void AddUnknown(ReadOnlySpan<char> word)
        {
        }
    }
}
