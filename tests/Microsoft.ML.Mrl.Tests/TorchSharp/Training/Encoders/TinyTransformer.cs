using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

/// <summary>A small BERT with random weights, as training from scratch begins with them, that knows whole words.</summary>
internal static class TinyTransformer
{
    /// <summary>Writes the folder and loads it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="texts">The texts whose words it knows.</param>
    /// <param name="layers">The number of layers.</param>
    /// <param name="hidden">Its width.</param>
    /// <param name="normalizes">Whether a Normalize module follows.</param>
    /// <param name="dropout">What its configuration says.</param>
    public static TransformerTextEncoder Make(
        string folder, IEnumerable<string> texts, int layers = 2, int hidden = 32, bool normalizes = false, double dropout = 0.1)
    {
        string[] words = [.. texts.SelectMany(t => t.Split(' ')).Distinct().Order(StringComparer.Ordinal)];
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words]);
        var config = new JsonObject
        {
            ["model_type"] = "bert", ["num_hidden_layers"] = layers, ["hidden_size"] = hidden, ["num_attention_heads"] = 4,
            ["intermediate_size"] = 2 * hidden,
            ["vocab_size"] = words.Length + 5, ["max_position_embeddings"] = 40, ["hidden_act"] = "gelu", ["layer_norm_eps"] = 1e-12,
            ["type_vocab_size"] = 2, ["pad_token_id"] = 0,
            ["hidden_dropout_prob"] = dropout, ["attention_probs_dropout_prob"] = dropout,
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        File.WriteAllText(
            Path.Combine(folder, "1_Pooling", "config.json"), """{"word_embedding_dimension": 32, "pooling_mode_mean_tokens": true}""");
        var modules = new JsonArray(Module(0, "Transformer", ""), Module(1, "Pooling", "1_Pooling"));
        if (normalizes)
        {
            modules.Add(Module(2, "Normalize", "2_Normalize"));
        }
        File.WriteAllText(Path.Combine(folder, "modules.json"), modules.ToJsonString());
        WriteWeights(
            Path.Combine(folder, "model.safetensors"),
            TransformerConfig.Read(ModelJson.Parse("config.json", Encoding.UTF8.GetBytes(config.ToJsonString()))));
        return (TransformerTextEncoder)TextEncoder.Load(folder);
    }

    private static void WriteWeights(string path, TransformerConfig config)
    {
        (string Name, long[] Shape)[] tensors = [.. TransformerNames.All(config)];
        var random = new Random(11);
        SafetensorsWriter.Write(
            path, [.. tensors.Select(t => (t.Name, SafetensorsDataType.F32, (IReadOnlyList<long>)t.Shape))], (i, stream) =>
        {
            (string name, long[] shape) = tensors[i];
            bool isNorm = name.Contains("LayerNorm", StringComparison.Ordinal);
            for (long left = shape.Aggregate(1L, (a, b) => a * b); left > 0; left--)
            {
                float value = isNorm ? name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0
                    : name.EndsWith(".bias", StringComparison.Ordinal) ? 0 : (float)((random.NextDouble() - 0.5) * 0.2);
                stream.Write(BitConverter.GetBytes(value));
            }
        }, [new("format", "pt")]);
    }

    private static JsonObject Module(int index, string type, string path) =>
        new() { ["idx"] = index, ["name"] = $"{index}", ["path"] = path, ["type"] = $"sentence_transformers.models.{type}" };
}
