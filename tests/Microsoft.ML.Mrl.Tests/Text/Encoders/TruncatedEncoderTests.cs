using System.Text.Json;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders;

/// <summary>Encoders whose embeddings are cut, in memory, in folders and in model zips; and the card that tells of it.</summary>
public sealed class TruncatedEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds => ["static", "static normalized", "static counting", "transformer", "transformer normalized"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void WithDimensions_SavedAndLoaded_IsTheSameCutOfTheSameWeights(string kind)
    {
        TextEncoder whole = Encoder(kind);
        string[] texts = ["a b", "", "c d e f a b c"];

        TextEncoder cut = whole.WithDimensions(5);
        whole.Save(_folder["whole"]);
        cut.Save(_folder["cut"]);
        TextEncoder loaded = TextEncoder.Load(_folder["cut"]);

        Assert.Equal((5, 12, false), (cut.Dimensions, cut.FullDimensions, cut.IsNormalized));
        Assert.Equal([4, 5], cut.TrainedDimensions!);
        Assert.All(texts, text => Assert.InRange(GoldenEncoder.Gap(whole.Encode(text).AsSpan(0, 5), cut.Encode(text)), 0, 1e-7));
        Assert.Equal((cut.Fingerprint, 5, 12), (loaded.Fingerprint, loaded.Dimensions, loaded.FullDimensions));
        Assert.Equal([4, 5], loaded.TrainedDimensions!);
        Assert.NotEqual(whole.Fingerprint, cut.Fingerprint);
        Assert.All(texts, text => Assert.Equal(cut.Encode(text), loaded.Encode(text)));
        using (JsonDocument settings = JsonDocument.Parse(File.ReadAllText(_folder["cut/config_sentence_transformers.json"])))
        {
            Assert.Equal(5, settings.RootElement.GetProperty("truncate_dim").GetInt32());
        }
        // The weights, and the dimensions that they were trained at, are all there.
        foreach (string file in Directory.GetFiles(_folder["whole"], "*.safetensors", SearchOption.AllDirectories))
        {
            Assert.Equal(
                File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder["cut"], Path.GetRelativePath(_folder["whole"], file))));
        }
        TextEncoder widened = loaded.WithDimensions(12);
        Assert.Equal([4, 5, 12], widened.TrainedDimensions!);
        Assert.Equal(whole.Encode("a b"), widened.Encode("a b"));
        Assert.Equal(whole.IsNormalized, widened.IsNormalized);
        Assert.Equal([4], cut.WithDimensions(4).TrainedDimensions!);
        Assert.Null(cut.WithDimensions(3).TrainedDimensions);
        Assert.Same(cut, cut.WithDimensions(5));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void WithDimensions_WrittenAndRead_IsTheSame(string kind)
    {
        TextEncoder cut = Encoder(kind).WithDimensions(5);
        using var stream = new MemoryStream();
        cut.Write(stream);
        stream.Position = 0;

        TextEncoder read = TextEncoder.Read(stream);

        Assert.Equal((cut.Fingerprint, 5, 12), (read.Fingerprint, read.Dimensions, read.FullDimensions));
        Assert.Equal([4, 5], read.TrainedDimensions!);
        Assert.Equal([4, 5, 12], read.WithDimensions(12).TrainedDimensions!);
        Assert.Equal(cut.Encode("a b"), read.Encode("a b"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(13)]
    public void WithDimensions_OutOfRange_SaysWhatCanBe(int dimensions)
    {
        foreach (string kind in new[] { "static", "transformer" })
        {
            TextEncoder cut = Encoder(kind).WithDimensions(5);
            Assert.Contains(
                "Choose 1..12", Assert.Throws<ArgumentOutOfRangeException>(nameof(dimensions), () => cut.WithDimensions(dimensions))
                .Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Save_WritesACardOfTheHub(string kind)
    {
        TextEncoder whole = Encoder(kind);
        whole.Save(_folder["whole"]);
        whole.WithDimensions(4).Save(_folder["cut"]);

        string[] lines = File.ReadAllLines(_folder["whole/README.md"]), cut = File.ReadAllLines(_folder["cut/README.md"]);

        Assert.Equal(
            ["---", "library_name: sentence-transformers", "pipeline_tag: sentence-similarity", "tags:", "- sentence-transformers",
                "- sentence-similarity", "- feature-extraction", "- matryoshka", "---"], lines[..9]);
        Assert.Contains("# Text embeddings of 12 values", lines);
        Assert.Contains("- Dimensions: 12", lines);
        Assert.Contains("- Trained dimensions: 4, 5, 12", lines);
        Assert.Contains($"- Unit length: {(whole.IsNormalized ? "yes" : "no")}", lines);
        Assert.Contains("model = SentenceTransformer(\"path/to/this/folder\", truncate_dim=5)  # or any other length", lines);
        Assert.Contains(cut, line => line.StartsWith("- Dimensions: 4, cut from 12 (`truncate_dim`", StringComparison.Ordinal));
        Assert.Contains("- Trained dimensions: 4", cut);
        Assert.Contains("model = SentenceTransformer(\"path/to/this/folder\", truncate_dim=4)  # or any other length", cut);
    }

    [Fact]
    public void Save_ACardThatIsThere_IsKept()
    {
        Directory.CreateDirectory(_folder["m"]);
        File.WriteAllText(_folder["m/README.md"], "mine");

        Encoder("static").Save(_folder["m"]);

        Assert.Equal("mine", File.ReadAllText(_folder["m/README.md"]));
    }

    [Fact]
    public void Card_OfATrainedEncoder_TellsOfTheTraining()
    {
        string trained = ModelCard.Text(StaticEncoders.Numbers()), plain = ModelCard.Text(StaticEncoders.OfWords());

        Assert.Contains("## Training\n\n```text\nPairs(Other): learned won. It was ahead.\n", trained, StringComparison.Ordinal);
        Assert.DoesNotContain("## Training", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("matryoshka", plain, StringComparison.Ordinal);
        Assert.Contains("model = SentenceTransformer(\"path/to/this/folder\")\n", plain, StringComparison.Ordinal);
        Assert.Contains(
            "hashed into 7 buckets in .NET; Python passes over them", ModelCard.Text(
                StaticTextEncoder.Create(["cat cat"], new StaticEncoderOptions { Dimensions = 4, Buckets = 7 })), StringComparison.Ordinal);
    }

    private TextEncoder Encoder(string kind)
    {
        if (kind.StartsWith("static", StringComparison.Ordinal))
        {
            var random = new Random(3);
            return new StaticTextEncoder(new StaticEncoderContent
            {
                TokenizerJson = WordTokenizerFile.Write([WordTokenizerFile.UnknownToken, "a", "b", "c", "d"], lowerCase: true),
                Dimensions = 12,
                Table = [.. Enumerable.Range(0, 5 * 12).Select(_ => random.NextSingle() - 0.5f)],
                SkipsUnknown = kind != "static counting",
                IsNormalized = kind == "static normalized",
                TrainedDimensions = [4, 5, 12],
            });
        }
        RandomModel.Write(_folder["source"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        if (kind == "transformer normalized")
        {
            File.WriteAllText(_folder["source/modules.json"], """
                [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
                """);
        }
        return new TransformerTextEncoder(TransformerModel.Read(_folder["source"]), [4, 5, 12], training: null);
    }
}
