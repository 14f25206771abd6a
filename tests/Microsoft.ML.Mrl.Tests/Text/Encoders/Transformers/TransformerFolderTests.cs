using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Tests.Cli;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

/// <summary>The forms that folders come in, and what is said of those that do not fit.</summary>
public sealed class TransformerFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_NamesOfATaskModelAndOfTensorFlow_GiveTheSame()
    {
        RandomModel.Write(_folder["plain"], RandomModel.Config("bert"));
        RandomModel.Write(_folder["old"], RandomModel.Config("bert"), rename: name =>
            "bert." + name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
                .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal));

        Assert.Equal(TextEncoder.Load(_folder["plain"]).Encode("a b"), TextEncoder.Load(_folder["old"]).Encode("a b"));
    }

    [Theory]
    [InlineData("F16", 2e-2)]
    [InlineData("BF16", 5e-2)]
    public void Load_HalfPrecision_IsWidenedAndSavedAsItWas(string type, double tolerance)
    {
        RandomModel.Write(_folder["plain"], RandomModel.Config("bert"));
        RandomModel.Write(_folder["half"], RandomModel.Config("bert"), type: SafetensorsDataType.Find(type));

        TextEncoder half = TextEncoder.Load(_folder["half"]);
        half.Save(_folder["copy"]);

        Assert.InRange(GoldenEncoder.Gap(TextEncoder.Load(_folder["plain"]).Encode("a b"), half.Encode("a b")), 1e-6, tolerance);
        Assert.Equal(File.ReadAllBytes(_folder["half/model.safetensors"]), File.ReadAllBytes(_folder["copy/model.safetensors"]));
    }

    [Fact]
    public void Load_Shards_GiveTheSame()
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"));
        float[] expected = TextEncoder.Load(_folder["m"]).Encode("a b");
        TensorFile whole = TensorFile.Read(_folder["m"]);
        var map = new JsonObject();
        for (int part = 0; part < 2; part++)
        {
            StoredTensor[] tensors = [.. whole.Tensors.Where((_, i) => i % 2 == part)];
            Directory.CreateDirectory(_folder[$"part{part}"]);
            new TensorFile(tensors, whole.Metadata).Write(_folder[$"part{part}"]);
            string name = $"model-0000{part + 1}-of-00002.safetensors";
            File.Move(_folder[$"part{part}/model.safetensors"], _folder["m/" + name]);
            foreach (StoredTensor tensor in tensors)
            {
                map.Add(tensor.Name, name);
            }
        }
        File.Delete(_folder["m/model.safetensors"]);
        File.WriteAllText(_folder["m/model.safetensors.index.json"], new JsonObject { ["weight_map"] = map }.ToJsonString());

        TextEncoder encoder = TextEncoder.Load(_folder["m"]);
        Assert.Equal(expected, encoder.Encode("a b"));
        encoder.Save(_folder["copy"]);
        Assert.Equal(expected, TextEncoder.Load(_folder["copy"]).Encode("a b"));

        File.Delete(_folder["m/model-00002-of-00002.safetensors"]);
        Assert.Contains(
            "model-00002-of-00002", Assert.Throws<FileNotFoundException>(() => TextEncoder.Load(_folder["m"])).Message,
            StringComparison.Ordinal);
        File.WriteAllText(_folder["m/model.safetensors.index.json"], """{"weight_map": {"a": "../other/model.safetensors"}}""");
        Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder["m"]));
    }

    [Fact]
    public void Load_VocabularyOfTokenizerJson_GivesTheSame()
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"));
        float[] expected = TextEncoder.Load(_folder["m"]).Encode("a bc");
        var vocabulary = new JsonObject();
        foreach (string token in File.ReadAllLines(_folder["m/vocab.txt"]))
        {
            vocabulary.Add(token, vocabulary.Count);
        }
        File.Delete(_folder["m/vocab.txt"]);
        File.WriteAllText(
            _folder["m/tokenizer.json"],
            new JsonObject { ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["lowercase"] = false },
            ["model"] = new JsonObject { ["type"] = "WordPiece", ["vocab"] = vocabulary } }.ToJsonString());

        File.WriteAllText(_folder["m/tokenizer_config.json"], """{"do_lower_case": false}""");

        TextEncoder encoder = TextEncoder.Load(_folder["m"]);

        Assert.Equal(expected, encoder.Encode("a bc"));
        Assert.NotEqual(expected, encoder.Encode("A bc"));
    }

    [Fact]
    public void Load_MpNet_TakesItsOwnSpecialTokens()
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("mpnet"));
        var encoder = (TransformerTextEncoder)TextEncoder.Load(_folder["m"]);
        string[] tokens = File.ReadAllLines(_folder["m/vocab.txt"]);

        Assert.Equal(["<s>", "a", "##b", "[UNK]", "</s>"], encoder.Tokenize("ab z").Select(id => tokens[id]));
        Assert.Equal(298, encoder.MaxLength);
    }

    [Theory]
    [InlineData("model_type", "gpt2", "bert, distilbert, mpnet, roberta, xlm-roberta, camembert")]
    [InlineData("hidden_act", "mish", "gelu_new")]
    [InlineData("position_embedding_type", "relative_key", "absolute")]
    public void Load_UnknownKind_ListsTheKnownOnes(string key, string value, string listed)
    {
        JsonObject config = RandomModel.Config("bert");
        RandomModel.Write(_folder["m"], config);
        config[key] = value;
        File.WriteAllText(_folder["m/config.json"], config.ToJsonString());

        var e = Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder["m"]));
        Assert.Contains(value, e.Message, StringComparison.Ordinal);
        Assert.Contains(listed, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hidden_size", 13)]
    [InlineData("num_hidden_layers", 0)]
    [InlineData("max_position_embeddings", 1)]
    [InlineData("pad_token_id", 40)]
    public void Load_ConfigurationThatMakesNoSense_IsRefused(string key, int value)
    {
        JsonObject config = RandomModel.Config("bert");
        RandomModel.Write(_folder["m"], config);
        config[key] = value;
        File.WriteAllText(_folder["m/config.json"], config.ToJsonString());

        Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder["m"]));
    }

    [Fact]
    public void Load_MissingTensor_IsNamed()
    {
        RandomModel.Write(
            _folder["m"], RandomModel.Config("bert"), rename: name => name == "encoder.layer.1.output.dense.bias" ? "other" : name);

        var e = Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder["m"]));
        Assert.Equal("encoder.layer.1.output.dense.bias", e.TensorName);
    }

    [Fact]
    public void Load_WrongShape_SaysExpectedAndFound()
    {
        JsonObject config = RandomModel.Config("bert");
        RandomModel.Write(_folder["m"], config);
        config["intermediate_size"] = 24;
        File.WriteAllText(_folder["m/config.json"], config.ToJsonString());

        var e = Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder["m"]));
        Assert.Equal(("encoder.layer.0.intermediate.dense.weight", "the shape [24, 12]", "[20, 12]"), (e.TensorName, e.Expected, e.Found));
    }

    [Fact]
    public void Load_VocabularyAndTableOfDifferentSize_IsRefused()
    {
        JsonObject config = RandomModel.Config("bert");
        RandomModel.Write(_folder["m"], config);
        config["vocab_size"] = 41;
        File.WriteAllText(_folder["m/config.json"], config.ToJsonString());
        Assert.Contains(
            "vocab_size 41", Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder["m"])).Message, StringComparison.Ordinal);

        RandomModel.Write(_folder["n"], RandomModel.Config("bert"));
        File.AppendAllLines(_folder["n/vocab.txt"], ["extra"]);
        var e = Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder["n"]));
        Assert.Contains("41 tokens", e.Message, StringComparison.Ordinal);
        Assert.Contains("40", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PickleOnly_IsNeverRead()
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"));
        File.Move(_folder["m/model.safetensors"], _folder["m/pytorch_model.bin"]);

        Assert.Contains(
            "pickle", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder["m"])).Message, StringComparison.Ordinal);
        File.Delete(_folder["m/pytorch_model.bin"]);
        Assert.Throws<FileNotFoundException>(() => TextEncoder.Load(_folder["m"]));
    }

    [Theory]
    [InlineData("""{"pooling_mode_lasttoken": true}""", typeof(NotSupportedException))]
    [InlineData("""{"pooling_mode": "weightedmean"}""", typeof(NotSupportedException))]
    [InlineData("""{"pooling_mode_mean_tokens": false}""", typeof(InvalidDataException))]
    [InlineData("""{"pooling_mode": 3}""", typeof(InvalidDataException))]
    [InlineData("[]", typeof(InvalidDataException))]
    [InlineData("{", typeof(InvalidDataException))]
    public void Load_PoolingThatIsNotKnown_IsRefused(string pooling, Type error)
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        File.WriteAllText(_folder["m/1_Pooling/config.json"], pooling);

        Assert.Throws(error, () => TextEncoder.Load(_folder["m"]));
    }

    [Theory]
    [InlineData("""[{"type": "a.Transformer", "path": ""}]""", typeof(NotSupportedException))]
    [InlineData(
        """[{"type": "a.Transformer", "path": ""}, {"type": "a.Pooling", "path": "1_Pooling"}, {"type": "a.LSTM", "path": "2_LSTM"}]""",
        typeof(NotSupportedException))]
    [InlineData("""[{"type": "a.Transformer", "path": ""}, {"type": "a.Pooling", "path": "../1_Pooling"}]""", typeof(InvalidDataException))]
    [InlineData(
        """[{"type": "sentence_transformers.models.Transformer", "path": ""}, {"type": "sentence_transformers.models.Pooling", "path": "9_Pooling"}]""", typeof(FileNotFoundException))]
    public void Load_ModulesThatAreNotKnown_AreRefused(string modules, Type error)
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        File.WriteAllText(_folder["m/modules.json"], modules);

        Assert.Throws(error, () => TextEncoder.Load(_folder["m"]));
    }

    [Fact]
    public void Load_NumbersThatAreNotFinite_AreNamed()
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"));
        TensorFile file = TensorFile.Read(_folder["m"]);
        StoredTensor first = file.Tensors[0];
        float[] values = first.Singles();
        values[3] = float.NaN;
        (file with { Tensors = [StoredTensor.FromSingles(first.Name, first.Shape, values), .. file.Tensors.Skip(1)] }).Write(_folder["m"]);

        Assert.Equal(first.Name, Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder["m"])).TensorName);
    }
}
