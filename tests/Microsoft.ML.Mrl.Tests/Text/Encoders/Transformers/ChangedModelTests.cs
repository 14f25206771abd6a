using System.Text.Json;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

public sealed class ChangedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert", "num_hidden_layers", false)]
    [InlineData("distilbert", "n_layers", false)]
    [InlineData("mpnet", "num_hidden_layers", false)]
    [InlineData("bert", "num_hidden_layers", true)]
    public void WithLayers_OfOne_IsSavedAndSmaller(string type, string key, bool prefixed)
    {
        RandomModel.Write(
            _folder["m"], RandomModel.Config(type), """{"pooling_mode": "mean"}""",
            rename: prefixed ? name => TransformerNames.Prefix(TransformerFamily.Bert) + name : null);
        var encoder = new TransformerTextEncoder(TransformerModel.Read(_folder["m"]), [4, 12], training: null);

        TransformerTextEncoder shorter = encoder.WithLayers(1);

        Assert.Equal((2, 1), (encoder.Layers, shorter.Layers));
        Assert.Equal([4, 12], shorter.TrainedDimensions!);
        Assert.NotEqual(encoder.Fingerprint, shorter.Fingerprint);
        Assert.NotEqual(encoder.Encode("a b"), shorter.Encode("a b"));
        int weightsOfALayer = sizeof(float) * (4 * 12 * 12 + 2 * 12 * 20);
        Assert.True(
            TransformerOnnx.Make(shorter.Model).CalculateSize() + weightsOfALayer < TransformerOnnx.Make(encoder.Model).CalculateSize());
        shorter.Save(_folder["shorter"]);
        var loaded = (TransformerTextEncoder)TextEncoder.Load(_folder["shorter"]);
        Assert.Equal(shorter.Fingerprint, loaded.Fingerprint);
        Assert.Equal(shorter.Encode("a b"), loaded.Encode("a b"));
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(_folder["shorter/config.json"]));
        Assert.Equal(1, config.RootElement.GetProperty(key).GetInt32());
        using SafetensorsFile file = SafetensorsFile.Open(_folder["shorter/model.safetensors"]);
        Assert.DoesNotContain(file.Tensors, t => t.Name.Contains("layer.1.", StringComparison.Ordinal));
        Assert.Contains(file.Tensors, t => t.Name.Contains("layer.0.", StringComparison.Ordinal));
    }

    [Fact]
    public void WithLayers_All_IsTheEncoderItself_AndNoneIsRefused()
    {
        TransformerTextEncoder encoder = Random();

        Assert.Same(encoder, encoder.WithLayers(2));
        Assert.Contains(
            "the encoder has 2. Choose 1..2.", Assert.Throws<ArgumentOutOfRangeException>("layers", () => encoder.WithLayers(0)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("layers", () => encoder.WithLayers(3));
    }

    [Fact]
    public void CutTo_Narrower_IsThePrefix()
    {
        TransformerTextEncoder encoder = Random();

        var cut = new TransformerTextEncoder(ChangedModel.CutTo(encoder.Model, 5), [5], training: null);

        Assert.Equal(5, cut.Dimensions);
        Assert.Equal(encoder.Encode("a b")[..5], cut.Encode("a b"));
        cut.Save(_folder["cut"]);
        using (JsonDocument settings = JsonDocument.Parse(File.ReadAllText(_folder["cut/config_sentence_transformers.json"])))
        {
            Assert.Equal(5, settings.RootElement.GetProperty("truncate_dim").GetInt32());
        }
        Assert.Equal(cut.Encode("a b"), TextEncoder.Load(_folder["cut"]).Encode("a b"));
        Assert.Same(encoder.Model, ChangedModel.CutTo(encoder.Model, 12));
        Assert.Equal(12, new TransformerTextEncoder(ChangedModel.CutTo(cut.Model, 12), null, training: null).Dimensions);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("""{"pooling_mode": "mean"}""", false)]
    [InlineData("""{"pooling_mode": "mean"}""", true)]
    public void WithHead_MapsTheEmbedding_AndIsSavedAsAModule(string? pooling, bool normalizes)
    {
        TransformerTextEncoder encoder = Random(pooling);
        var random = new Random(1);
        var map = new LinearHead([.. Enumerable.Range(0, 12 * 3).Select(_ => random.NextSingle() - 0.5f)], [1, -2, 3], [3]);

        var mapped = new TransformerTextEncoder(ChangedModel.WithHead(encoder.Model, map, normalizes), [3], training: null);

        var expected = new float[3];
        map.ApplyMany(encoder.Encode("a b c"), expected);
        double length = normalizes ? Math.Sqrt(expected.Sum(v => v * v)) : 1;
        Assert.InRange(GoldenEncoder.Gap([.. expected.Select(v => (float)(v / length))], mapped.Encode("a b c")), 0, 1e-5);
        Assert.Equal(normalizes, mapped.IsNormalized);
        mapped.Save(_folder["mapped"]);
        TextEncoder loaded = TextEncoder.Load(_folder["mapped"]);
        Assert.Equal(mapped.Fingerprint, loaded.Fingerprint);
        Assert.Equal(mapped.Encode("a b c"), loaded.Encode("a b c"));
        Assert.Single(Directory.GetDirectories(_folder["mapped"], "*_Dense"));
    }

    [Fact]
    public void WithHead_OfACutEncoder_TakesTheFirstValues()
    {
        var cut = new TransformerTextEncoder(ChangedModel.CutTo(Random().Model, 5), null, training: null);
        var map = new LinearHead([.. Enumerable.Range(0, 5 * 2).Select(i => (float)i)], [0, 0], [2]);

        var mapped = new TransformerTextEncoder(ChangedModel.WithHead(cut.Model, map, normalizes: false), [2], training: null);

        var expected = new float[2];
        map.ApplyMany(cut.Encode("a b"), expected);
        Assert.Equal(2, mapped.Dimensions);
        Assert.InRange(GoldenEncoder.Gap(expected, mapped.Encode("a b")), 0, 1e-5);
    }

    [Theory]
    [InlineData("residual", false)]
    [InlineData("residual", true)]
    [InlineData("orthogonal", false)]
    public void WithHead_OfAnotherKind_DoesWhatItDoesInDenseModules(string kind, bool normalizes)
    {
        TransformerTextEncoder encoder = Random();
        var random = new Random(2);
        EmbeddingHead head = kind == "residual"
            ? new ResidualHead(Draw(12 * 3), Draw(3), Draw(12 * 5), Draw(5), Draw(5 * 3), [3])
            : new OrthogonalHead([.. Enumerable.Range(0, 144).Select(i => i / 12 == (i + 5) % 12 ? 1f : 0f)], [12], null);

        var mapped = new TransformerTextEncoder(
            ChangedModel.WithHead(encoder.Model, head, normalizes), [head.OutputDimensions], training: null);

        mapped.Save(_folder["mapped"]);
        TextEncoder loaded = TextEncoder.Load(_folder["mapped"]);
        foreach (string text in new[] { "a b c", "c", "" })
        {
            float[] expected = Applied(head, encoder.Encode(text));
            double length = normalizes ? Math.Sqrt(expected.Sum(v => v * v)) : 1;
            Assert.InRange(GoldenEncoder.Gap([.. expected.Select(v => (float)(v / length))], mapped.Encode(text)), 0, 1e-5);
            Assert.Equal(mapped.Encode(text), loaded.Encode(text));
        }
        Assert.Equal(kind == "residual" ? 2 : 1, Directory.GetDirectories(_folder["mapped"], "*_Dense").Length);

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    [Fact]
    public void WithHead_ResidualHeadOfACutEncoder_TakesTheFirstValues()
    {
        var cut = new TransformerTextEncoder(ChangedModel.CutTo(Random().Model, 5), null, training: null);
        var head = new ResidualHead(
            [.. Enumerable.Range(0, 10).Select(i => i * 0.1f)], [1, -1], [.. Enumerable.Range(0, 15).Select(i => 0.5f - i * 0.1f)],
            [0.1f, 0, -0.1f], [1, 2, 3, -4, 5, 6], [2]);

        var mapped = new TransformerTextEncoder(ChangedModel.WithHead(cut.Model, head, normalizes: false), [2], training: null);

        Assert.InRange(GoldenEncoder.Gap(Applied(head, cut.Encode("a b")), mapped.Encode("a b")), 0, 1e-5);
    }

    private TransformerTextEncoder Random(string? pooling = """{"pooling_mode": "mean"}""")
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"), pooling);
        return (TransformerTextEncoder)TextEncoder.Load(_folder["m"]);
    }

    private static float[] Applied(EmbeddingHead head, ReadOnlySpan<float> vector)
    {
        var result = new float[head.OutputDimensions];
        head.Apply(vector, result);
        return result;
    }
}
