using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

/// <summary>A small model with random weights, written as a folder.</summary>
internal static class RandomModel
{
    public const int Hidden = 12;
    public const int Vocabulary = 40;

    /// <summary>The configuration of a family, in its own words.</summary>
    public static JsonObject Config(string type, string activation = "gelu") => type == "distilbert"
        ? new JsonObject
        {
            ["model_type"] = type, ["n_layers"] = 2, ["dim"] = Hidden, ["n_heads"] = 3, ["hidden_dim"] = 20, ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 300, ["activation"] = activation,
        }
        : new JsonObject
        {
            ["model_type"] = type, ["num_hidden_layers"] = 2, ["hidden_size"] = Hidden, ["num_attention_heads"] = 3,
            ["intermediate_size"] = 20, ["vocab_size"] = Vocabulary, ["max_position_embeddings"] = 300,
            ["hidden_act"] = activation, ["layer_norm_eps"] = 1e-5, ["type_vocab_size"] = 2, ["pad_token_id"] = type == "bert" ? 0 : 1,
        };

    /// <summary>Writes a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="pooling">The Pooling module's configuration; <see langword="null"/> for a folder without modules.</param>
    /// <param name="dense">The activation of a Dense layer to 5 values, or none.</param>
    /// <param name="rename">Changes the names of tensors.</param>
    public static void Write(
        string folder, JsonObject config, string? pooling = null, string? dense = null, Func<string, string>? rename = null,
        SafetensorsDataType? type = null)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        File.WriteAllLines(
            Path.Combine(folder, "vocab.txt"),
            ["<s>", "<pad>", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "</s>", .. "abcdefghijklmnop".Select(c => c.ToString()),
            .. "abcdefghijklmnop".Select(c => "##" + c)]);
        TransformerConfig parsed = TransformerConfig.Read(ModelJson.Parse("config.json", Encoding.UTF8.GetBytes(config.ToJsonString())));
        var random = new Random(7);
        WriteTensors(
            Path.Combine(folder, "model.safetensors"),
            [.. TransformerNames.All(parsed).Select(t => (rename?.Invoke(t.Name) ?? t.Name, t.Shape))], random,
            type ?? SafetensorsDataType.F32);
        if (pooling is null)
        {
            return;
        }
        var modules = new JsonArray(Module(0, "Transformer", ""), Module(1, "Pooling", "1_Pooling"));
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), pooling);
        if (dense is not null)
        {
            int inputs = Hidden * PoolingModesReader.Read(ModelJson.Parse("pooling", Encoding.UTF8.GetBytes(pooling))).Length;
            modules.Add(Module(2, "Dense", "2_Dense"));
            Directory.CreateDirectory(Path.Combine(folder, "2_Dense"));
            File.WriteAllText(
                Path.Combine(folder, "2_Dense", "config.json"),
                $$"""{"in_features": {{inputs}}, "out_features": 5, "bias": true, "activation_function": "{{dense}}"}""");
            WriteTensors(
                Path.Combine(folder, "2_Dense", "model.safetensors"), [("linear.bias", [5]), ("linear.weight", [5, inputs])], random,
                SafetensorsDataType.F32);
        }
        modules.Add(Module(3, "Normalize", "3_Normalize"));
        File.WriteAllText(Path.Combine(folder, "modules.json"), modules.ToJsonString());
    }

    public static void WriteTensors(string path, (string Name, long[] Shape)[] tensors, Random random, SafetensorsDataType type) =>
        SafetensorsWriter.Write(path, [.. tensors.Select(t => (t.Name, type, (IReadOnlyList<long>)t.Shape))], (i, stream) =>
        {
            float[] values = [
                .. Enumerable.Range(0, (int)tensors[i].Shape.Aggregate(1L, (a, b) => a * b))
                .Select(_ => (float)(random.NextDouble() - 0.5) + (IsScale(tensors[i].Name) ? 1 : 0))];
            foreach (float value in values)
            {
                stream.Write(
                    type == SafetensorsDataType.F16 ? BitConverter.GetBytes((Half)value) : type == SafetensorsDataType.BF16
                    ? BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)) : BitConverter.GetBytes(value));
            }
        }, [new("format", "pt")]);

    private static bool IsScale(string name) => name.Contains("norm", StringComparison.OrdinalIgnoreCase)
        && (name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("gamma", StringComparison.Ordinal));

    private static JsonObject Module(int index, string type, string path) =>
        new() { ["idx"] = index, ["name"] = $"{index}", ["path"] = path, ["type"] = $"sentence_transformers.models.{type}" };
}
