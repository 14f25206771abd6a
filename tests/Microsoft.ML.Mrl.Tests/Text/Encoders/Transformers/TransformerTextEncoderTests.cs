using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Cli;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

public sealed class TransformerTextEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert-mini", 32, true)]
    [InlineData("bert-dense-identity", 16, false)]
    [InlineData("distilbert-mini", 32, false)]
    public void Encode_GoldenTexts_EqualsTheReference(string name, int dimensions, bool normalized)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        TextEncoder encoder = TextEncoder.Load(golden.Folder);

        var actual = new float[golden.Texts.Length * dimensions];
        encoder.Encode(golden.Texts, actual);

        Assert.IsType<TransformerTextEncoder>(encoder);
        Assert.Equal((dimensions, normalized, 64), (encoder.Dimensions, encoder.IsNormalized, ((TransformerTextEncoder)encoder).MaxLength));
        Assert.InRange(GoldenEncoder.Gap(golden.Numbers("sentence_embedding"), actual), 0, 1e-5);
    }

    [Fact]
    public void Encode_ManyTexts_KeepsTheirOrder()
    {
        TextEncoder encoder = Random("bert");
        var random = new Random(3);
        string[] texts = [
            .. Enumerable.Range(0, 700)
            .Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(0, 60)).Select(_ => (char)('a' + random.Next(16)))))];

        var together = new float[texts.Length * encoder.Dimensions];
        encoder.Encode(texts, together);

        for (int i = 0; i < texts.Length; i += 23)
        {
            Assert.InRange(
                GoldenEncoder.Gap(encoder.Encode(texts[i]), together.AsSpan(i * encoder.Dimensions, encoder.Dimensions)), 0, 1e-6);
        }
    }

    [Fact]
    public void Encode_OddTexts_HasAStatedFate()
    {
        TextEncoder encoder = Random("bert");
        float[] empty = encoder.Encode("");

        Assert.Equal(empty, encoder.Encode((string)null!));
        Assert.Equal(empty, encoder.Encode(" \t\r\n\0\uFFFD"));
        Assert.Equal(encoder.Encode("a b"), encoder.Encode("a\uD800 b\uDC00"));
        Assert.All(encoder.Encode(string.Concat(Enumerable.Repeat("ab ", 350_000))), v => Assert.True(float.IsFinite(v)));
        encoder.Encode([], []);
    }

    [Fact]
    public void Encode_FromManyThreads_GivesTheSame()
    {
        TextEncoder encoder = Random("mpnet");
        float[] expected = encoder.Encode("a b c");

        float[][] all = new float[40][];
        Parallel.For(0, all.Length, i => all[i] = encoder.Encode("a b c"));

        Assert.All(all, vector => Assert.Equal(expected, vector));
    }

    [Fact]
    public void Encode_Cancelled_Ends()
    {
        TextEncoder encoder = Random("bert");
        Assert.Throws<OperationCanceledException>(
            () => encoder.Encode(["a", "b"], new float[2 * encoder.Dimensions], cancellationToken: new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("bert-dense-identity")]
    [InlineData("distilbert-mini")]
    public void Save_LoadedFolder_HasTheSameBytes(string name)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        TextEncoder encoder = TextEncoder.Load(golden.Folder);

        encoder.Save(_folder["copy"]);

        Assert.Equal(ModelCard.Text(encoder), File.ReadAllText(_folder["copy/README.md"]));
        foreach (
            string path in Directory.EnumerateFiles(_folder["copy"], "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) != ModelCard.FileName))
        {
            string relative = Path.GetRelativePath(_folder["copy"], path);
            Assert.Equal(File.ReadAllBytes(Path.Combine(golden.Folder, relative)), File.ReadAllBytes(path));
        }
        Assert.True(File.Exists(Path.Combine(_folder["copy"], "model.safetensors")));
        Assert.True(File.Exists(Path.Combine(_folder["copy"], "vocab.txt")));
        TextEncoder loaded = TextEncoder.Load(_folder["copy"]);
        Assert.Equal(encoder.Fingerprint, loaded.Fingerprint);
        Assert.Equal(encoder.Encode("a man"), loaded.Encode("a man"));
    }

    [Fact]
    public void Save_WithTrainedDimensions_KeepsThem()
    {
        var plain = (TransformerTextEncoder)Random("bert");
        var trained = new TransformerTextEncoder(plain.Model, [4, 12], training: null);

        trained.Save(_folder["trained"]);
        TextEncoder loaded = TextEncoder.Load(_folder["trained"]);

        Assert.Equal([4, 12], loaded.TrainedDimensions!);
        Assert.Equal(trained.Fingerprint, loaded.Fingerprint);
        Assert.NotEqual(plain.Fingerprint, loaded.Fingerprint);
        Assert.Equal(plain.Encode("a b"), loaded.Encode("a b"));
    }

    [Fact]
    public void Write_ThenRead_GivesTheSameEncoder()
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""", "torch.nn.modules.activation.Tanh");
        TextEncoder encoder = TextEncoder.Load(_folder["m"]);
        using var stream = new MemoryStream();
        encoder.Write(stream);
        byte[] bytes = stream.ToArray();

        TextEncoder loaded = TextEncoder.Read(new MemoryStream(bytes));

        Assert.Equal(encoder.Fingerprint, loaded.Fingerprint);
        Assert.Equal(encoder.Encode("a b c"), loaded.Encode("a b c"));
        for (int cut = 0; cut < bytes.Length; cut += 997)
        {
            Assert.Throws<InvalidDataException>(() => TextEncoder.Read(new MemoryStream(bytes[..cut])));
        }
    }

    [Fact]
    public void Transformer_InAPipeline_IsSavedAndLoaded()
    {
        var ml = new MLContext(1);
        TextEncoder encoder = Random("bert");
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Row { Text = "a b" }, new Row { Text = "" }, new Row { Text = "c" } });
        ITransformer model = ml.Transforms.EncodeText("Embedding", "Text", encoder).Fit(data);
        ml.Model.Save(model, data.Schema, _folder["model.zip"]);

        ITransformer loaded = ml.Model.Load(_folder["model.zip"], out _);

        float[][] vectors = [.. loaded.Transform(data).GetColumn<float[]>("Embedding")];
        Assert.Equal([encoder.Encode("a b"), encoder.Encode(""), encoder.Encode("c")], vectors);
    }

    [Fact]
    public void Load_PromptLowerCaseAndCut_AreApplied()
    {
        RandomModel.Write(_folder["plain"], RandomModel.Config("bert"));
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"));
        File.WriteAllText(
            _folder["m/config_sentence_transformers.json"],
            """{"prompts": {"query": "k l "}, "default_prompt_name": "query", "truncate_dim": 5}""");
        File.WriteAllText(
            _folder["m/tokenizer_config.json"], """{"do_lower_case": false, "model_max_length": 1000000000000000019884624838656}""");
        File.WriteAllText(_folder["m/sentence_bert_config.json"], """{"max_seq_length": 7, "do_lower_case": true}""");

        TextEncoder encoder = TextEncoder.Load(_folder["m"]);

        Assert.Equal(5, encoder.Dimensions);
        Assert.Equal(TextEncoder.Load(_folder["plain"]).Encode("k l a b c")[..5], encoder.Encode("A B C d e f"));
    }

    private TextEncoder Random(string type)
    {
        RandomModel.Write(_folder[type], RandomModel.Config(type), """{"pooling_mode": "mean"}""");
        return TextEncoder.Load(_folder[type]);
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
