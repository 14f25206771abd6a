using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

public sealed class TransformerOnnxExportTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("bert-dense-identity")]
    [InlineData("distilbert-mini")]
    public void ExportToOnnx_GoldenTexts_GivesWhatEncodeGives(string name)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        var encoder = (TransformerTextEncoder)TextEncoder.Load(golden.Folder);

        encoder.ExportToOnnx(_folder["m"]);

        Assert.Equal(File.ReadAllBytes(Path.Combine(golden.Folder, "vocab.txt")), File.ReadAllBytes(_folder["m/vocab.txt"]));
        var expected = new float[golden.Texts.Length * encoder.Dimensions];
        encoder.Encode(golden.Texts, expected);
        float[] actual = Run(
            _folder["m/onnx/model.onnx"], golden.Ids, encoder.Model.Config.PadId, "sentence_embedding",
            out IReadOnlyDictionary<string, string> metadata);
        output.WriteLine(
            $"{name}: {GoldenEncoder.Gap(expected, actual):E2}, from the reference {GoldenEncoder.Gap(golden.Numbers("sentence_embedding"), actual):E2}");
        Assert.InRange(GoldenEncoder.Gap(expected, actual), 0, 1e-5);
        Assert.InRange(GoldenEncoder.Gap(golden.Numbers("sentence_embedding"), actual), 0, 1e-5);
        Assert.Equal(encoder.Fingerprint, metadata["mrl.encoder_fingerprint"]);
    }

    [Fact]
    public void ExportToOnnx_FixturesOwnModel_GivesTheSameTokenVectors()
    {
        GoldenEncoder golden = GoldenEncoder.Read("bert-mini");
        string theirs = Path.Combine(golden.Folder, "onnx", "model.onnx");
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(golden.Folder, "onnx", "golden.json")));
        var encoder = (TransformerTextEncoder)TextEncoder.Load(golden.Folder);
        encoder.ExportToOnnx(_folder["m"]);

        foreach (JsonElement golden1 in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[][] rows = [
                .. GoldenEncoder.IdRows(golden1.GetProperty("input_ids"))
                .Zip(GoldenEncoder.IdRows(golden1.GetProperty("attention_mask")), (ids, mask) => ids[..mask.Sum()])];
            float[] expected = Run(theirs, rows, 0, "last_hidden_state", out _);
            float[] actual = Run(_folder["m/onnx/model.onnx"], rows, 0, "token_embeddings", out _);
            Assert.Contains(expected, v => v > 1);
            output.WriteLine($"their token vectors: {GoldenEncoder.Gap(expected, actual):E2}");
            Assert.InRange(GoldenEncoder.Gap(expected, actual), 0, 1e-5);

            float[] pooled = [
                .. golden1.GetProperty("mean_pooled").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(v => v.GetSingle())];
            for (int i = 0; i < rows.Length; i++)
            {
                float[] row = pooled[(i * 32)..((i + 1) * 32)];
                double length = Math.Sqrt(row.Sum(v => (double)v * v));
                float[] embedding = Run(_folder["m/onnx/model.onnx"], [rows[i]], 0, "sentence_embedding", out _);
                Assert.InRange(GoldenEncoder.Gap([.. row.Select(v => (float)(v / length))], embedding), 0, 1e-5);
            }
        }
    }

    [Theory]
    [InlineData("mpnet")]
    [InlineData("bert")]
    public void ExportToOnnx_OtherFamiliesAndACut_GivesWhatEncodeGives(string type)
    {
        RandomModel.Write(
            _folder["source"], RandomModel.Config(type), """{"pooling_mode": ["mean", "max"]}""", "torch.nn.modules.activation.Tanh");
        File.WriteAllText(_folder["source/config_sentence_transformers.json"], """{"truncate_dim": 3}""");
        var encoder = (TransformerTextEncoder)TextEncoder.Load(_folder["source"]);
        encoder.Save(_folder["m"]);

        encoder.ExportToOnnx(_folder["m"]);

        Assert.Equal(3, encoder.Dimensions);
        string[] texts = ["", "a b c", "abc def ghi"];
        var expected = new float[texts.Length * 3];
        encoder.Encode(texts, expected);
        float[] actual = Run(
            _folder["m/onnx/model.onnx"], [.. texts.Select(encoder.Tokenize)], encoder.Model.Config.PadId, "sentence_embedding", out _);
        Assert.InRange(GoldenEncoder.Gap(expected, actual), 0, 1e-5);
        Assert.Equal(encoder.Fingerprint, TextEncoder.Load(_folder["m"]).Fingerprint);
        byte[] first = File.ReadAllBytes(_folder["m/onnx/model.onnx"]);
        encoder.ExportToOnnx(_folder["m"]);
        Assert.Equal(first, File.ReadAllBytes(_folder["m/onnx/model.onnx"]));
    }

    [Fact]
    public void CheckSize_OfMoreThanOneFileHolds_SaysSo()
    {
        JsonObject json = RandomModel.Config("xlm-roberta");
        (json["vocab_size"], json["hidden_size"], json["num_attention_heads"]) = (600_000, 1024, 16);
        TransformerConfig config = TransformerConfig.Read(
            ModelJson.Parse("config.json", System.Text.Encoding.UTF8.GetBytes(json.ToJsonString())));

        string message = Assert.Throws<InvalidOperationException>(() => TransformerOnnx.CheckSize(config)).Message;
        Assert.Contains("2147483647", message, StringComparison.Ordinal);
        Assert.Contains("smaller vocabulary", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExportToOnnx_WithoutAFolder_Refuses()
    {
        RandomModel.Write(_folder["source"], RandomModel.Config("bert"));
        Assert.Throws<ArgumentException>(() => ((TransformerTextEncoder)TextEncoder.Load(_folder["source"])).ExportToOnnx(""));
    }

    private static float[] Run(string path, int[][] rows, int padId, string result, out IReadOnlyDictionary<string, string> metadata)
    {
        TokenBatch batch = TokenBatch.From(rows, padId);
        using var session = new InferenceSession(path);
        metadata = new Dictionary<string, string>(session.ModelMetadata.CustomMetadataMap);
        Dictionary<string, OrtValue> inputs = session.InputNames.ToDictionary(name => name, name => OrtValue.CreateTensorValueFromMemory(
            name switch { "input_ids" => batch.Ids, "attention_mask" => batch.Mask, _ => new long[batch.Ids.Length] },
            [batch.Rows, batch.Length]));
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, inputs, [result]);
        float[] values = results[0].GetTensorDataAsSpan<float>().ToArray();
        foreach (OrtValue input in inputs.Values)
        {
            input.Dispose();
        }
        return values;
    }
}
