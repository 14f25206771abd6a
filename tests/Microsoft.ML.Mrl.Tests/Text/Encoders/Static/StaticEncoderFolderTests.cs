using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Static;

public sealed class StaticEncoderFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrl-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void SaveThenLoad_GivesTheSameEncoder(bool skipsUnknown, bool isNormalized)
    {
        var encoder = new StaticTextEncoder(StaticEncoders.Content(skipsUnknown, isNormalized) with { TrainedDimensions = [1, 3] });

        encoder.Save(_folder);
        TextEncoder loaded = TextEncoder.Load(_folder);

        Assert.Equal(encoder.Fingerprint, loaded.Fingerprint);
        Assert.Equal(isNormalized, loaded.IsNormalized);
        Assert.Equal([1, 3], loaded.TrainedDimensions!);
        Assert.Equal(encoder.Encode("cat horse"), loaded.Encode("cat horse"));
    }

    [Fact]
    public void Save_WritesTheFilesAndNamesOfSentenceTransformers()
    {
        StaticEncoders.OfWords(skipsUnknown: false, isNormalized: true).Save(_folder);

        using JsonDocument modules = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "modules.json")));
        Assert.Equal(
            ["sentence_transformers.models.StaticEmbedding", "sentence_transformers.models.Normalize"],
            modules.RootElement.EnumerateArray().Select(m => m.GetProperty("type").GetString()));
        Assert.Equal(
            ["0_StaticEmbedding", "1_Normalize"], modules.RootElement.EnumerateArray().Select(m => m.GetProperty("path").GetString()));
        Assert.All(
            modules.RootElement.EnumerateArray(),
            m => Assert.True(Directory.Exists(Path.Combine(_folder, m.GetProperty("path").GetString()!))));
        using SafetensorsFile weights = SafetensorsFile.Open(Path.Combine(_folder, "0_StaticEmbedding", "model.safetensors"));
        weights.Find("embedding.weight", 5, 3);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "config_sentence_transformers.json")));
        Assert.Equal(JsonValueKind.Null, config.RootElement.GetProperty("truncate_dim").ValueKind);
    }

    [Fact]
    public void SaveThenLoad_WithBuckets_KeepsThemBesideTheTable()
    {
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            ["cat cat dog dog"], new StaticEncoderOptions { Dimensions = 4, Buckets = 7, MinNgramLength = 2, MaxNgramLength = 5 });

        encoder.Save(_folder);

        Assert.Equal(encoder.Fingerprint, TextEncoder.Load(_folder).Fingerprint);
        using SafetensorsFile weights = SafetensorsFile.Open(Path.Combine(_folder, "model.safetensors"));
        weights.Find("embeddings", 3, 4);
        weights.Find("mrl.buckets", 7, 4);
    }

    [Fact]
    public void SaveThenLoad_WithMappingAndWeights_KeepsThem()
    {
        var encoder = new StaticTextEncoder(
            StaticEncoders.Content() with { Table = [1, 2, 3, 4, 5, 6], Mapping = [0, 1, 1, 0, 1], TokenWeights = [1, 0.5f, 2, 1, 3] });

        encoder.Save(_folder);

        Assert.Equal(encoder.Fingerprint, TextEncoder.Load(_folder).Fingerprint);
    }

    [Theory]
    [InlineData("static-embedding", "0_StaticEmbedding/")]
    [InlineData("model2vec-mini", "")]
    public void LoadThenSave_RealLayouts_GiveTheBytesOfTheWeights(string name, string module)
    {
        string source = Path.GetDirectoryName(Repository.Golden(name, "modules.json"))!;

        TextEncoder.Load(source).Save(_folder);

        string tensor = module.Length > 0 ? "embedding.weight" : "embeddings";
        Assert.Equal(
            Bytes(Path.Combine(source, module, "model.safetensors"), tensor),
            Bytes(Path.Combine(_folder, module, "model.safetensors"), tensor));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(source, module, "tokenizer.json")),
            File.ReadAllBytes(Path.Combine(_folder, module, "tokenizer.json")));
    }

    [Fact]
    public void Load_TheNewerPlace_IsTheModelsOwnFolder()
    {
        StaticEncoders.OfWords(skipsUnknown: false).Save(_folder);
        foreach (string file in Directory.GetFiles(Path.Combine(_folder, "0_StaticEmbedding")))
        {
            File.Move(file, Path.Combine(_folder, Path.GetFileName(file)));
        }
        File.WriteAllText(
            Path.Combine(_folder, "modules.json"),
            """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.sentence_transformer.modules.StaticEmbedding"}]""");

        Assert.Equal(StaticEncoders.OfWords(skipsUnknown: false).Fingerprint, TextEncoder.Load(_folder).Fingerprint);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("F64")]
    [InlineData("I8")]
    public void Load_Model2VecOfOtherTypes_WithWeightsAndMapping(string type)
    {
        float[] table = [1, -2, 3, 4, 5, -6];
        File.WriteAllBytes(Path.Combine(_folder, "tokenizer.json"), WordTokenizerFile.Write(["[UNK]", "cat", "dog"], lowerCase: true));
        File.WriteAllText(Path.Combine(_folder, "config.json"), """{"model_type":"model2vec","normalize":false}""");
        SafetensorsWriter.Write(
            Path.Combine(_folder, "model.safetensors"),
            [("embeddings", SafetensorsDataType.Find(type)!, [2, 3]), ("mapping", SafetensorsDataType.I64, [3]),
                ("weights", SafetensorsDataType.F64, [3])],
            (i, stream) =>
            {
                using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
                foreach (float value in i switch { 0 => table, 1 => [0, 1, 0], _ => [1f, 0.5f, 2] })
                {
                    switch (i, type)
                    {
                        case (0, "F16"):
                            writer.Write((Half)value);
                            break;
                        case (0, "I8"):
                            writer.Write((sbyte)value);
                            break;
                        case (1, _):
                            writer.Write((long)value);
                            break;
                        default:
                            writer.Write((double)value);
                            break;
                    }
                }
            },
            []);

        TextEncoder encoder = TextEncoder.Load(_folder);

        Assert.False(encoder.IsNormalized);
        // (0.5 · row 1 + 2 · row 0) / 2; the unknown word is passed over.
        Assert.Equal([2, -0.75f, 1.5f], encoder.Encode("cat dog horse"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_TruncateDim_CutsEmbeddingsAndKeepsTheTable(bool isNormalized)
    {
        TextEncoder whole = StaticEncoders.OfWords(skipsUnknown: false, isNormalized);
        whole.Save(_folder);
        byte[] weights = File.ReadAllBytes(Path.Combine(_folder, "0_StaticEmbedding", "model.safetensors"));
        SetTruncateDim("2");

        TextEncoder loaded = TextEncoder.Load(_folder);

        Assert.Equal((2, 3, false), (loaded.Dimensions, loaded.FullDimensions, loaded.IsNormalized));
        Assert.Equal(whole.Encode("cat dog a")[..2], loaded.Encode("cat dog a"));
        loaded.Save(_folder);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(_folder, "0_StaticEmbedding", "model.safetensors")));
        Assert.Equal(whole.Fingerprint, loaded.WithDimensions(3).Fingerprint);
        SetTruncateDim("7");
        Assert.Equal(whole.Fingerprint, TextEncoder.Load(_folder).Fingerprint);
        SetTruncateDim("\"two\"");
        Assert.Contains(
            "truncate_dim", Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
        SetTruncateDim("0");
        Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder));
    }

    [Fact]
    public void Load_WhatIsMissing_IsNamed()
    {
        Assert.Throws<DirectoryNotFoundException>(() => TextEncoder.Load(Path.Combine(_folder, "missing")));
        Assert.Contains(
            "modules.json", Assert.Throws<FileNotFoundException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
        StaticEncoders.OfWords().Save(_folder);
        File.Delete(Path.Combine(_folder, "tokenizer.json"));
        Assert.Contains(
            "tokenizer.json", Assert.Throws<FileNotFoundException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
        StaticEncoders.OfWords().Save(_folder);
        File.Move(Path.Combine(_folder, "model.safetensors"), Path.Combine(_folder, "pytorch_model.bin"));
        Assert.Contains("pickle", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder, "pytorch_model.bin"));
        Assert.Contains(
            "model.safetensors", Assert.Throws<FileNotFoundException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"path":"","type":"sentence_transformers.models.Transformer"}]""", "Transformer")]
    [InlineData(
        """[{"path":".","type":"sentence_transformers.models.StaticEmbedding"},{"path":"1","type":"sentence_transformers.models.LSTM"}]""",
        "LSTM")]
    public void Load_OtherModules_AreNamed(string modules, string name)
    {
        File.WriteAllText(Path.Combine(_folder, "modules.json"), modules);

        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    [InlineData("""[{"path":null,"type":"a"}]""")]
    [InlineData("""[{"path":"../x","type":"sentence_transformers.models.StaticEmbedding"}]""")]
    [InlineData("""[{"path":"..","type":"sentence_transformers.models.StaticEmbedding"}]""")]
    [InlineData("""[{"path":"/tmp","type":"sentence_transformers.models.StaticEmbedding"}]""")]
    [InlineData("""[{"path":"x\\y","type":"sentence_transformers.models.StaticEmbedding"}]""")]
    public void Load_DamagedModules_Refuses(string modules)
    {
        File.WriteAllText(Path.Combine(_folder, "modules.json"), modules);

        Assert.Contains(
            "modules.json", Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ConfigurationLongerThanAFewLines_Refuses()
    {
        StaticEncoders.OfWords().Save(_folder);
        File.WriteAllText(Path.Combine(_folder, "config.json"), new string(' ', (1 << 20) + 1));

        Assert.Contains(
            "more than 1048576 bytes", Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TableOfAnotherVocabulary_Refuses()
    {
        StaticEncoders.OfWords().Save(_folder);
        File.WriteAllBytes(Path.Combine(_folder, "tokenizer.json"), WordTokenizerFile.Write(["[UNK]", "cat"], lowerCase: true));

        string message = Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder)).Message;

        Assert.Contains("2 tokens", message, StringComparison.Ordinal);
        Assert.Contains("5 rows", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TableThatIsNone_Refuses()
    {
        StaticEncoders.OfWords().Save(_folder);
        string path = Path.Combine(_folder, "model.safetensors");

        SafetensorsWriter.Write(
            path, [("embeddings", SafetensorsDataType.F32, [15])], (_, stream) => SafetensorsWriter.WriteSingles(stream, new float[15]),
            []);
        Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder));
        SafetensorsWriter.Write(
            path, [("other", SafetensorsDataType.F32, [1])], (_, stream) => SafetensorsWriter.WriteSingles(stream, new float[1]), []);
        Assert.Contains(
            "embedding.weight", Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
        SafetensorsWriter.Write(
            path, [("embeddings", SafetensorsDataType.F32, [5, 1])],
            (_, stream) => SafetensorsWriter.WriteSingles(stream, [1, 2, 3, float.NaN, 5]), []);
        Assert.Contains("NaN", Assert.Throws<SafetensorsException>(() => TextEncoder.Load(_folder)).Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string path, string tensor)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        SafetensorsTensor found = file.Find(tensor);
        var bytes = new byte[found.Length];
        file.ReadBytes(found, 0, bytes);
        return bytes;
    }

    private void SetTruncateDim(string value)
    {
        string path = Path.Combine(_folder, "config_sentence_transformers.json");
        File.WriteAllText(path, Regex.Replace(File.ReadAllText(path), "\"truncate_dim\": [^\\s]+", $"\"truncate_dim\": {value}"));
    }
}
