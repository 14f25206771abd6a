using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Provides the names of the tensors of an architecture in a file of its base model.</summary>
internal static class TransformerNames
{
    public const string Words = "embeddings.word_embeddings.weight";
    public const string Positions = "embeddings.position_embeddings.weight";
    public const string TokenTypes = "embeddings.token_type_embeddings.weight";
    public const string EmbeddingNorm = "embeddings.LayerNorm";
    public const string RelativeBias = "encoder.relative_attention_bias.weight";

    /// <summary>Returns the prefix of the names in files of a model with a task head.</summary>
    public static string Prefix(TransformerFamily family) => family switch
    {
        TransformerFamily.DistilBert => "distilbert.",
        TransformerFamily.Roberta => "roberta.",
        TransformerFamily.MpNet => "mpnet.",
        _ => "bert.",
    };

    public static TransformerLayerNames Layer(TransformerFamily family, int layer)
    {
        string distil = $"transformer.layer.{layer}.";
        string bert = $"encoder.layer.{layer}.";
        return family switch
        {
            TransformerFamily.DistilBert =>
                new(distil + "attention.q_lin", distil + "attention.k_lin", distil + "attention.v_lin", distil + "attention.out_lin",
                distil + "sa_layer_norm", distil + "ffn.lin1", distil + "ffn.lin2", distil + "output_layer_norm"),
            TransformerFamily.MpNet =>
                new(bert + "attention.attn.q", bert + "attention.attn.k", bert + "attention.attn.v", bert + "attention.attn.o",
                bert + "attention.LayerNorm", bert + "intermediate.dense", bert + "output.dense", bert + "output.LayerNorm"),
            _ => new(
                bert + "attention.self.query", bert + "attention.self.key", bert + "attention.self.value", bert + "attention.output.dense",
                bert + "attention.output.LayerNorm", bert + "intermediate.dense", bert + "output.dense", bert + "output.LayerNorm"),
        };
    }

    /// <summary>Returns every tensor that the encoder computes with, and its shape.</summary>
    public static IEnumerable<(string Name, long[] Shape)> All(TransformerConfig config)
    {
        long width = config.Hidden;
        yield return (Words, [config.Vocabulary, width]);
        yield return (Positions, [config.PositionRows, width]);
        if (config.TokenTypes > 0)
        {
            yield return (TokenTypes, [config.TokenTypes, width]);
        }
        yield return (EmbeddingNorm + ".weight", [width]);
        yield return (EmbeddingNorm + ".bias", [width]);
        if (config.RelativeBuckets > 0)
        {
            yield return (RelativeBias, [config.RelativeBuckets, config.Heads]);
        }
        for (int layer = 0; layer < config.Layers; layer++)
        {
            TransformerLayerNames names = Layer(config.Family, layer);
            foreach ((string name, long rows, long columns) in new[]
            {
                (names.Query, width, width), (names.Key, width, width), (names.Value, width, width), (names.AttentionOutput, width, width),
                (names.Inner, config.Intermediate, width), (names.Outer, width, config.Intermediate),
            })
            {
                yield return (name + ".weight", [rows, columns]);
                yield return (name + ".bias", [rows]);
            }
            foreach (string name in new[] { names.AttentionNorm, names.OutputNorm })
            {
                yield return (name + ".weight", [width]);
                yield return (name + ".bias", [width]);
            }
        }
    }
}

/// <summary>Represents the names of one layer's tensors, without <c>.weight</c> and <c>.bias</c>.</summary>
/// <param name="Query">Linear <c>[D, D]</c>.</param>
/// <param name="Key">Linear <c>[D, D]</c>.</param>
/// <param name="Value">Linear <c>[D, D]</c>.</param>
/// <param name="AttentionOutput">Linear <c>[D, D]</c>.</param>
/// <param name="AttentionNorm">LayerNorm <c>[D]</c>.</param>
/// <param name="Inner">Linear <c>[I, D]</c>.</param>
/// <param name="Outer">Linear <c>[D, I]</c>.</param>
/// <param name="OutputNorm">LayerNorm <c>[D]</c>.</param>
internal sealed record TransformerLayerNames(
    string Query, string Key, string Value, string AttentionOutput, string AttentionNorm, string Inner, string Outer, string OutputNorm);
