using System.Globalization;
using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Static;

/// <summary>The layouts of static folders in the wild, and what the libraries that write them make of a text.</summary>
public sealed class StaticLayoutTests : IDisposable
{
    private const string Tokenizer = """
        {"version":"1.0","truncation":TRUNCATION,"padding":PADDING,"added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},
         "post_processor":null,"decoder":null,"model":{"type":"WordLevel","vocab":{"[UNK]":0,"x":1,"y":2,"z":3},"unk_token":"[UNK]"}}
        """;

    private const string Modules =
        """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"}MORE]""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "config.json", "embeddings", "{}", false)]
    [InlineData("", "config.json", "embeddings", """{"normalize":true}""", true)]
    [InlineData("", "config_sentence_transformers.json", "embedding.weight", """{"normalize":true}""", true)]
    [InlineData("0_StaticEmbedding", "config_sentence_transformers.json", "embedding.weight", "{}", false)]
    public void Load_LayoutsOfModel2Vec_PassOverUnknownWords(
        string module, string config, string tensor, string settings, bool isNormalized)
    {
        Table(module, tensor);
        File.WriteAllText(_folder[config], settings);

        TextEncoder encoder = TextEncoder.Load(_folder.Path);

        // The mean of x and z; [UNK] has the row 8, 0, 0, 0.
        float[] mean = [0, 0.5f, 0, 0.5f];
        Assert.Equal(
            isNormalized ? [0, MathF.Sqrt(0.5f), 0, MathF.Sqrt(0.5f)] : mean, encoder.Encode("x q z"), (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal(isNormalized, encoder.IsNormalized);
    }

    [Fact]
    public void Load_FolderOfAStaticEmbeddingAlone_CountsUnknownWords()
    {
        Table("", "embedding.weight");

        Assert.Equal([4, 0.5f, 0, 0], TextEncoder.Load(_folder.Path).Encode("x q"));
    }

    [Theory]
    [InlineData("embeddings", "config.json", "{}", 0)]
    [InlineData("embeddings", null, null, 8 / 3f)]
    [InlineData("embedding.weight", "config.json", "{}", 8 / 3f)]
    public void Load_WithModules_CountsUnknownWordsUnlessModel2VecWroteIt(string tensor, string? config, string? settings, float unknown)
    {
        Table("", tensor);
        File.WriteAllText(_folder["modules.json"], Modules.Replace("MORE", "", StringComparison.Ordinal));
        if (config is not null)
        {
            File.WriteAllText(_folder[config], settings);
        }

        float known = unknown == 0 ? 0.5f : 1 / 3f;
        Assert.Equal([unknown, known, 0, known], TextEncoder.Load(_folder.Path).Encode("x q z"));
    }

    // The library's ids of the whole text are 1, 0, 2, 3, cut to 1, 0 and to 2, 3; model2vec takes the unknown one away only then.
    [Theory]
    [InlineData("Right", 0f, 1f, 0f, 0f)]
    [InlineData("Left", 0f, 0f, 0.5f, 0.5f)]
    public void Load_TruncationInTheTokenizer_CountsUnknownWords(string direction, params float[] expected)
    {
        Table("", "embeddings", $$"""{"direction":"{{direction}}","max_length":2,"strategy":"LongestFirst","stride":0}""");
        File.WriteAllText(_folder["config.json"], """{"model_type":"model2vec","normalize":false}""");

        Assert.Equal(expected, TextEncoder.Load(_folder.Path).Encode("x q y z"));
    }

    [Fact]
    public void Load_TokenizerThatModel2VecWouldFillUp_IsRefused()
    {
        Table("", "embeddings",
            padding: """{"strategy":{"Fixed":8},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[UNK]"}""");
        File.WriteAllText(_folder["config.json"], """{"model_type":"model2vec"}""");

        Assert.Contains(
            "padding", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TruncationOfTheSecondText_IsRefused()
    {
        Table("", "embeddings", """{"direction":"Right","max_length":3,"strategy":"OnlySecond","stride":0}""");
        File.WriteAllText(_folder["config.json"], """{"model_type":"model2vec"}""");

        Assert.Contains(
            "OnlySecond", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DefaultPrompt_GoesBeforeTexts()
    {
        Table("", "embedding.weight");
        File.WriteAllText(_folder["modules.json"], Modules.Replace("MORE", "", StringComparison.Ordinal));
        File.WriteAllText(
            _folder["config_sentence_transformers.json"],
            """{"prompts": {"query": "z "}, "default_prompt_name": "query", "similarity_fn_name": "dot"}""");

        TextEncoder encoder = TextEncoder.Load(_folder.Path);
        encoder.Save(_folder["saved"]);
        TextEncoder saved = TextEncoder.Load(_folder["saved"]);

        Assert.Equal([0, 0.5f, 0, 0.5f], encoder.Encode("x"));
        Assert.Equal([0, 0.5f, 0, 0.5f], saved.Encode("x"));
        Assert.Contains("\"dot\"", File.ReadAllText(_folder["saved/config_sentence_transformers.json"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torch.nn.modules.linear.Identity", false)]
    [InlineData("torch.nn.modules.activation.Tanh", false)]
    [InlineData("torch.nn.modules.activation.GELU", true)]
    [InlineData("torch.nn.modules.activation.Sigmoid", true)]
    public void Load_DenseBehindTheTable_IsApplied(string activation, bool isResidual)
    {
        Dense(activation, isResidual);

        TextEncoder encoder = TextEncoder.Load(_folder.Path);
        float[] embedding = encoder.Encode("x q z");

        // The mean counts the unknown word: (8, 1, 0, 1) / 3.
        double[] mean = [8 / 3.0, 1 / 3.0, 0, 1 / 3.0];
        double[] expected = [
            .. Enumerable.Range(0, 2)
            .Select(o => Active(activation, s_bias[o] + Enumerable.Range(0, 4).Sum(i => mean[i] * s_weight[o * 4 + i]))
            + (isResidual ? Enumerable.Range(0, 4).Sum(i => mean[i] * s_residual[o * 4 + i]) : 0))];
        double length = Math.Sqrt(expected.Sum(v => v * v));
        for (int o = 0; o < 2; o++)
        {
            Assert.Equal(expected[o] / length, embedding[o], 1e-6);
        }
        Assert.Equal((2, 2, true), (encoder.Dimensions, encoder.FullDimensions, encoder.IsNormalized));
        // As in Python, no token is a vector of zeros, which the layer gives its bias.
        Assert.NotEqual(new float[2], encoder.Encode(""));
    }

    [Fact]
    public void SaveExportAndZip_OfDenseBehindTheTable_KeepIt()
    {
        Dense("torch.nn.modules.activation.Tanh", isResidual: true);
        TextEncoder encoder = TextEncoder.Load(_folder.Path);
        string[] texts = ["x", "x q z", "", "y y z"];

        encoder.Save(_folder["saved"]);
        encoder.WithDimensions(1).ExportToOnnx(_folder["onnx"]);
        using var stream = new MemoryStream();
        encoder.Write(stream);
        stream.Position = 0;
        TextEncoder read = TextEncoder.Read(stream);

        Assert.Equal(encoder.Fingerprint, read.Fingerprint);
        Assert.Equal(encoder.Fingerprint, TextEncoder.Load(_folder["saved"]).Fingerprint);
        Assert.All(texts, text => Assert.Equal(encoder.Encode(text), read.Encode(text)));
        OnnxTextEncoder graph = TextEncoder.LoadOnnx(
            _folder["onnx/onnx/model.onnx"], _folder["onnx"], new OnnxEncoderOptions { Normalize = false });
        Assert.All(texts[..2], text => Assert.Equal(encoder.Encode(text)[0], graph.Encode(text)[0], 1e-6));
    }

    [Theory]
    [InlineData("""{"in_features": 4, "out_features": 2, "bias": true, "scale": 2}""", "scale")]
    [InlineData("""{"in_features": 4, "out_features": 2, "bias": true, "module_output_name": "token_embeddings"}""", "module_output_name")]
    public void Load_DenseWithAKeyThatIsNotKnown_IsRefusedByName(string config, string key)
    {
        Dense("torch.nn.modules.linear.Identity", isResidual: false);
        File.WriteAllText(_folder["1_Dense/config.json"], config);

        Assert.Contains(key, Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ModuleOfAnotherLibrary_IsRefusedByItsWholeName()
    {
        Dense("torch.nn.modules.linear.Identity", isResidual: false);
        File.WriteAllText(
            _folder["modules.json"], File.ReadAllText(_folder["modules.json"])
            .Replace("sentence_transformers.models.Dense", "pylate.models.Dense.Dense", StringComparison.Ordinal));

        Assert.Contains(
            "pylate.models.Dense.Dense", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NgramsOfAnyLength_AreRefused()
    {
        StaticTextEncoder.Create(["cat cat"], new StaticEncoderOptions { Dimensions = 2, Buckets = 3 }).Save(_folder.Path);
        byte[] weights = File.ReadAllBytes(_folder["model.safetensors"]);
        int at = weights.AsSpan().IndexOf("3,6"u8);
        "3,9"u8.CopyTo(weights.AsSpan(at));
        File.WriteAllBytes(_folder["model.safetensors"], weights);
        Assert.Equal(2, TextEncoder.Load(_folder.Path).Dimensions);

        using (SafetensorsFile file = SafetensorsFile.Open(_folder["model.safetensors"]))
        {
            float[] table = file.ReadSingles(file.Find("embeddings"));
            float[] buckets = file.ReadSingles(file.Find("mrl.buckets"));
            SafetensorsWriter.Write(
                _folder["other.safetensors"],
                [("embeddings", SafetensorsDataType.F32, [table.Length / 2, 2]), ("mrl.buckets", SafetensorsDataType.F32, [3, 2])],
                (i, stream) => SafetensorsWriter.WriteSingles(stream, i == 0 ? table : buckets), [new("mrl.ngrams", "1,2147483647")]);
        }
        File.Move(_folder["other.safetensors"], _folder["model.safetensors"], overwrite: true);
        Assert.Contains(
            "1,2147483647", Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WordsThatAreNone_GiveNoTokenInPythonEither()
    {
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            ["the cat the cat a a"], new StaticEncoderOptions { Dimensions = 3, Buckets = 0 });
        encoder.Save(_folder.Path);
        TextEncoder loaded = TextEncoder.Load(_folder.Path);

        Assert.Equal(encoder.Fingerprint, loaded.Fingerprint);
        Assert.Equal(encoder.Encode("the cat"), loaded.Encode("The zebra CAT, apple"));
        Assert.Equal(new float[3], loaded.Encode("zebra cats [UNK]"));
        // A word-level model would need a token for all others: this one has none (see the case "dropping" of the library's ids).
        Assert.DoesNotContain("unk_token", File.ReadAllText(_folder["tokenizer.json"]), StringComparison.Ordinal);
    }

    private static readonly float[] s_weight = [0.5f, -1, 2, 0.25f, 1, 0.5f, -0.5f, 3];
    private static readonly float[] s_bias = [0.1f, -0.3f];
    private static readonly float[] s_residual = [0.2f, 0.1f, 0, -1, 0.3f, 0, 0.7f, 0.5f];

    private static double Active(string activation, double x) => activation.Split('.')[^1] switch
    {
        "Tanh" => Math.Tanh(x),
        "Sigmoid" => 1 / (1 + Math.Exp(-x)),
        // Φ by Simpson's rule.
        "GELU" =>
            x * (0.5 + Enumerable.Range(0, 2001).Sum(
                i => (i is 0 or 2000 ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-Math.Pow(x * i / 2000, 2) / 2)) * x / 6000 / Math.Sqrt(
                    2 * Math.PI)),
        _ => x,
    };

    private void Dense(string activation, bool isResidual)
    {
        Table("", "embedding.weight");
        Directory.CreateDirectory(_folder["1_Dense"]);
        File.WriteAllText(_folder["modules.json"], Modules.Replace("MORE", """
            ,{"idx":1,"name":"1","path":"1_Dense","type":"sentence_transformers.models.Dense"},{"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}
            """, StringComparison.Ordinal));
        File.WriteAllText(
            _folder["1_Dense/config.json"],
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"in_features": 4, "out_features": 2, "bias": true, "activation_function": "{{activation}}", "use_residual": {{(isResidual ? "true" : "false")}}}"""));
        float[][] values = isResidual ? [s_bias, s_weight, s_residual] : [s_bias, s_weight];
        (string, SafetensorsDataType, IReadOnlyList<long>)[] tensors = [
            ("linear.bias", SafetensorsDataType.F32, [2]), ("linear.weight", SafetensorsDataType.F32, [2, 4]),
            ("residual.weight", SafetensorsDataType.F32, [2, 4])];
        SafetensorsWriter.Write(
            _folder["1_Dense/model.safetensors"], tensors[..values.Length],
            (i, stream) => SafetensorsWriter.WriteSingles(stream, values[i]), []);
    }

    /// <summary>The identity, with 8 in place of 1 for the unknown word.</summary>
    private void Table(string module, string tensor, string truncation = "null", string padding = "null")
    {
        Directory.CreateDirectory(_folder[module]);
        File.WriteAllText(Path.Combine(_folder[module], "tokenizer.json"),
            Tokenizer.Replace("TRUNCATION", truncation, StringComparison.Ordinal).Replace("PADDING", padding, StringComparison.Ordinal));
        float[] table = [.. Enumerable.Range(0, 16).Select(i => i % 5 != 0 ? 0 : i == 0 ? 8f : 1)];
        SafetensorsWriter.Write(
            Path.Combine(_folder[module], "model.safetensors"), [(tensor, SafetensorsDataType.F32, [4, 4])],
            (_, stream) => SafetensorsWriter.WriteSingles(stream, table), []);
    }
}
