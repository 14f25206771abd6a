using System.Text;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Benchmarks.Tune;

/// <summary>A BERT with random weights and made-up words.</summary>
internal static class RandomBert
{
    private const int Words = 5000;

    /// <summary>Writes one into a folder and loads it.</summary>
    public static TransformerTextEncoder Make(string folder, int layers, int hidden)
    {
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllLines(
            Path.Combine(folder, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Words).Select(Word)]);
        string config = $$"""
            {"model_type": "bert", "num_hidden_layers": {{layers}}, "hidden_size": {{hidden}}, "num_attention_heads": {{hidden / 64}}, "intermediate_size": {{4 * hidden}},
             "vocab_size": {{Words + 5}}, "max_position_embeddings": 128, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "type_vocab_size": 2, "pad_token_id": 0}
            """;
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), """{"pooling_mode_mean_tokens": true}""");
        File.WriteAllText(Path.Combine(folder, "modules.json"), """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
            """);
        (string Name, long[] Shape)[] tensors = [
            .. TransformerNames.All(TransformerConfig.Read(ModelJson.Parse("config.json", Encoding.UTF8.GetBytes(config))))];
        var random = new Random(1);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [.. tensors.Select(t => (t.Name, SafetensorsDataType.F32, (IReadOnlyList<long>)t.Shape))], (i, stream) =>
        {
            bool isScale = tensors[i].Name.EndsWith("LayerNorm.weight", StringComparison.Ordinal);
            var values = new float[tensors[i].Shape.Aggregate(1L, (a, b) => a * b)];
            for (int k = 0; k < values.Length; k++)
            {
                values[k] = isScale ? 1 : (random.NextSingle() - 0.5f) * 0.1f;
            }
            SafetensorsWriter.WriteSingles(stream, values);
        }, []);
        return (TransformerTextEncoder)TextEncoder.Load(folder);
    }

    /// <summary>A text of so many words.</summary>
    public static string Text(Random random, int words) =>
        string.Join(' ', Enumerable.Range(0, words).Select(_ => Word(random.Next(Words))));

    private static string Word(int number) => $"w{number}";
}
