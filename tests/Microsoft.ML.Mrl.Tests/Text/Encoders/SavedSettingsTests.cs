using System.Text.Json;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders;

/// <summary>What others read beside the weights: trained dimensions, prompts, similarity.</summary>
public sealed class SavedSettingsTests : IDisposable
{
    private const string Settings = """
        {"prompts": {"query": "a b ", "document": ""}, "default_prompt_name": "query", "similarity_fn_name": "dot", "is_matryoshka": true, "matryoshka_dimensions": [2, 3]}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("static")]
    [InlineData("transformer")]
    [InlineData("onnx")]
    public void SaveZipAndExport_OfEveryKind_KeepTrainedDimensionsAndPrompts(string kind)
    {
        Write(kind);
        TextEncoder encoder = TextEncoder.Load(_folder["m"]);
        Check(encoder);

        encoder.Save(_folder["saved"]);
        using var stream = new MemoryStream();
        encoder.Write(stream);
        stream.Position = 0;
        TextEncoder read = TextEncoder.Read(stream);
        Check(read);
        Check(TextEncoder.Load(_folder["saved"]));
        read.Save(_folder["again"]);
        Check(TextEncoder.Load(_folder["again"]));
        foreach (string folder in new[] { "saved", "again" })
        {
            string[] files = kind == "onnx" ? ["config_sentence_transformers.json"] : ["config_sentence_transformers.json", "config.json"];
            foreach (string file in files)
            {
                using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(_folder[$"{folder}/{file}"]));
                Assert.True(json.RootElement.GetProperty("is_matryoshka").GetBoolean());
                Assert.Equal([2, 3], json.RootElement.GetProperty("matryoshka_dimensions").EnumerateArray().Select(d => d.GetInt32()));
            }
            using JsonDocument settings = JsonDocument.Parse(File.ReadAllBytes(_folder[folder + "/config_sentence_transformers.json"]));
            Assert.Equal("dot", settings.RootElement.GetProperty("similarity_fn_name").GetString());
            Assert.Equal("query", settings.RootElement.GetProperty("default_prompt_name").GetString());
            Assert.Equal("a b ", settings.RootElement.GetProperty("prompts").GetProperty("query").GetString());
        }

        encoder.ExportToOnnx(_folder["exported"]);
        using var session = new InferenceSession(_folder["exported/onnx/model.onnx"]);
        Assert.Equal("true", session.ModelMetadata.CustomMetadataMap["is_matryoshka"]);
        Assert.Equal("[2, 3]", session.ModelMetadata.CustomMetadataMap["matryoshka_dimensions"]);
        TextEncoder exported = TextEncoder.Load(_folder["exported"]);
        Assert.IsType<OnnxTextEncoder>(exported);
        Check(exported);
        Assert.All(encoder.Encode("c a").Zip(exported.Encode("c a")), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        // The graph and the tokenizer alone know the dimensions, if not the prompts.
        string tokenizer = _folder[kind == "static" ? "exported/tokenizer.json" : "exported/vocab.txt"];
        Assert.Equal([2, 3], TextEncoder.LoadOnnx(_folder["exported/onnx/model.onnx"], tokenizer).TrainedDimensions!);
    }

    [Fact]
    public void Card_OfAStaticEncoder_NamesTheLibraryThatGivesTheSame()
    {
        StaticTextEncoder.Create(["a b a b"], new StaticEncoderOptions { Dimensions = 2, Buckets = 0 }).Save(_folder["own"]);
        StaticEncoders.OfWords(skipsUnknown: true).Save(_folder["model2vec"]);
        StaticTextEncoder.Create(["a b a b"], new StaticEncoderOptions { Dimensions = 2, Buckets = 4 }).Save(_folder["buckets"]);

        Assert.Contains("SentenceTransformer(\"", File.ReadAllText(_folder["own/README.md"]), StringComparison.Ordinal);
        Assert.Contains("StaticModel.from_pretrained(\"", File.ReadAllText(_folder["model2vec/README.md"]), StringComparison.Ordinal);
        Assert.Contains(
            "put no Dense module behind this encoder", File.ReadAllText(_folder["model2vec/README.md"]), StringComparison.Ordinal);
        Assert.Contains("have other embeddings in Python", File.ReadAllText(_folder["buckets/README.md"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Card_OfAGraph_SaysWhatPythonNeedsBesides(bool hasConfig)
    {
        Write("onnx");
        if (hasConfig)
        {
            File.WriteAllText(_folder["m/config.json"], """{"model_type": "bert"}""");
        }
        TextEncoder.Load(_folder["m"]).Save(_folder["saved"]);

        string card = File.ReadAllText(_folder["saved/README.md"]);
        Assert.Contains("backend=\"onnx\"", card, StringComparison.Ordinal);
        Assert.Equal(!hasConfig, card.Contains("with the `config.json`", StringComparison.Ordinal));
        Assert.Equal(hasConfig, File.Exists(_folder["saved/config.json"]));
    }

    private static void Check(TextEncoder encoder)
    {
        Assert.Equal([2, 3], encoder.TrainedDimensions!);
        Assert.Equal("query", encoder.DefaultPrompt);
        Assert.Equal(["document", "query"], encoder.Prompts.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(encoder.Encode("a b c", "document"), encoder.Encode("c"));
        Assert.NotEqual(encoder.Encode("c", "document"), encoder.Encode("c"));
    }

    private void Write(string kind)
    {
        switch (kind)
        {
            case "static":
                StaticTextEncoder.Create(["a b c a b c"], new StaticEncoderOptions { Dimensions = 4, Buckets = 0 }).Save(_folder["m"]);
                break;
            case "transformer":
                RandomModel.Write(_folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
                break;
            default:
                new OnnxGraphs().Ids().Added("attention_mask").Output("last_hidden_state").Write(_folder["m/onnx/model.onnx"]);
                File.WriteAllLines(_folder["m/vocab.txt"], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c"]);
                break;
        }
        File.WriteAllText(_folder["m/config_sentence_transformers.json"], Settings);
    }
}
