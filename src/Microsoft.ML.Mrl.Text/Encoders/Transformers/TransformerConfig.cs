using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Represents the <c>config.json</c> of an encoder: everything that its tensors do not determine.</summary>
internal sealed record TransformerConfig
{
    /// <summary>The buckets of MPNet's relative positions reach this far, which no configuration changes.</summary>
    public const int MaxRelativeDistance = 128;

    private static readonly Dictionary<string, TransformerFamily> Families = new(StringComparer.Ordinal)
    {
        ["bert"] = TransformerFamily.Bert,
        ["distilbert"] = TransformerFamily.DistilBert,
        ["mpnet"] = TransformerFamily.MpNet,
        ["roberta"] = TransformerFamily.Roberta,
        ["xlm-roberta"] = TransformerFamily.Roberta,
        ["camembert"] = TransformerFamily.Roberta,
    };

    public required string ModelType { get; init; }

    public required TransformerFamily Family { get; init; }

    /// <summary>Gets the number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Gets the width of a token's vector.</summary>
    public required int Hidden { get; init; }

    /// <summary>Gets the number of attention heads; divides <see cref="Hidden"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>Gets the width between the two linear layers of a block.</summary>
    public required int Intermediate { get; init; }

    /// <summary>Gets the number of token ids.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Gets the number of rows of the table of positions.</summary>
    public required int PositionRows { get; init; }

    /// <summary>Gets the number of rows of the table of token types, or 0 if there is none.</summary>
    public required int TokenTypes { get; init; }

    /// <summary>Gets the number that is added to a variance before its square root is taken.</summary>
    public required double LayerNormEpsilon { get; init; }

    public required TransformerActivation Activation { get; init; }

    /// <summary>Gets the padding id of shorter rows of a batch.</summary>
    public required int PadId { get; init; }

    /// <summary>Gets the number of buckets of relative positions, 0 for none.</summary>
    public required int RelativeBuckets { get; init; }

    /// <summary>Gets the dropout probability of vectors during training, 0..1.</summary>
    public required double HiddenDropout { get; init; }

    /// <summary>Gets the dropout probability of attention during training, 0..1.</summary>
    public required double AttentionDropout { get; init; }

    /// <summary>Gets the width of one attention head.</summary>
    public int HeadWidth => Hidden / Heads;

    /// <summary>Gets a value indicating whether positions count only real tokens, from <see cref="FirstPosition"/>.</summary>
    public bool CountsRealTokens => Family is TransformerFamily.Roberta or TransformerFamily.MpNet;

    /// <summary>Gets the row of the first token's position.</summary>
    public int FirstPosition => CountsRealTokens ? PadId + 1 : 0;

    /// <summary>Gets the maximum number of tokens of a text that the table of positions allows.</summary>
    public int MaxTextLength => PositionRows - FirstPosition;

    /// <summary>Reads and checks the file.</summary>
    /// <exception cref="NotSupportedException">The architecture, or a variant that it uses, is not supported.</exception>
    /// <exception cref="InvalidDataException">A value is missing, out of range or contradicts another.</exception>
    public static TransformerConfig Read(ModelJson file)
    {
        string type = file.Text("model_type");
        if (!Families.TryGetValue(type, out TransformerFamily family))
        {
            throw new NotSupportedException(
                $"'{file.Name}': model_type '{type}' is not supported. Supported are {string.Join(", ", Families.Keys)}. Export other " +
                    $"encoders to ONNX and append the head to them.");
        }
        CheckVariants(file);
        bool distil = family == TransformerFamily.DistilBert;
        var config = new TransformerConfig
        {
            ModelType = type,
            Family = family,
            Layers = file.Count(distil ? "n_layers" : "num_hidden_layers"),
            Hidden = file.Count(distil ? "dim" : "hidden_size"),
            Heads = file.Count(distil ? "n_heads" : "num_attention_heads"),
            Intermediate = file.Count(distil ? "hidden_dim" : "intermediate_size"),
            Vocabulary = file.Count("vocab_size"),
            PositionRows = file.Count("max_position_embeddings"),
            TokenTypes = family is TransformerFamily.Bert or TransformerFamily.Roberta ? file.FindCount("type_vocab_size") ?? 2 : 0,
            LayerNormEpsilon = distil ? 1e-12 : file.FindNumber("layer_norm_eps") ?? 1e-12,
            Activation = ReadActivation(file, distil ? "activation" : "hidden_act"),
            PadId = family == TransformerFamily.MpNet
                ? 1
                : file.FindCount("pad_token_id", 0) ?? (family == TransformerFamily.Roberta ? 1 : 0),
            RelativeBuckets = family == TransformerFamily.MpNet ? file.FindCount("relative_attention_num_buckets", 2) ?? 32 : 0,
            HiddenDropout = file.FindNumber(distil ? "dropout" : "hidden_dropout_prob") ?? 0.1,
            AttentionDropout = file.FindNumber(distil ? "attention_dropout" : "attention_probs_dropout_prob") ?? 0.1,
        };
        return config.Checked(file);
    }

    private static void CheckVariants(ModelJson file)
    {
        if (file.FindText("position_embedding_type") is { } positions && positions != "absolute")
        {
            throw new NotSupportedException(
                $"'{file.Name}': position_embedding_type '{positions}' is not supported. Supported is absolute.");
        }
        if (file.Flag("is_decoder", false) || file.Flag("add_cross_attention", false))
        {
            throw new NotSupportedException(
                $"'{file.Name}' describes a decoder, whose tokens do not see those after them. Give an encoder.");
        }
    }

    private static TransformerActivation ReadActivation(ModelJson file, string key) => file.FindText(key) switch
    {
        null or "gelu" => TransformerActivation.Gelu,
        "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" => TransformerActivation.GeluTanh,
        "relu" => TransformerActivation.Relu,
        "silu" or "swish" => TransformerActivation.Silu,
        var other => throw new NotSupportedException(
            $"'{file.Name}': {key} '{other}' is not supported. Supported are gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, silu " +
            $"and swish."),
    };

    private TransformerConfig Checked(ModelJson file)
    {
        if (Hidden % Heads != 0)
        {
            throw new InvalidDataException($"'{file.Name}': a width of {Hidden} does not divide among {Heads} attention heads.");
        }
        if (LayerNormEpsilon is not (>= 0 and < 1) || HiddenDropout is not (>= 0 and < 1) || AttentionDropout is not (>= 0 and < 1))
        {
            throw new InvalidDataException(
                $"'{file.Name}': layer_norm_eps {LayerNormEpsilon} and dropout {HiddenDropout} and {AttentionDropout} are in 0..1.");
        }
        if (PadId >= Vocabulary)
        {
            throw new InvalidDataException($"'{file.Name}': pad_token_id {PadId} is not one of {Vocabulary} token ids.");
        }
        return MaxTextLength >= 2
            ? this
            : throw new InvalidDataException(
                $"'{file.Name}': max_position_embeddings {PositionRows} leaves room for {MaxTextLength} tokens, and every text has 2 " +
                $"special ones.");
    }
}

/// <summary>Architectures that differ in the names of their tensors, in their positions, or in their attention.</summary>
internal enum TransformerFamily
{
    /// <summary>BERT (Devlin et al. 2018, arXiv:1810.04805).</summary>
    Bert,

    /// <summary>DistilBERT (Sanh et al. 2019, arXiv:1910.01108): as BERT, without token types, with other names.</summary>
    DistilBert,

    /// <summary>RoBERTa and XLM-R (Liu et al. 2019, arXiv:1907.11692; Conneau et al. 2019, arXiv:1911.02116): positions count real tokens
    /// from the padding id + 1.</summary>
    Roberta,

    /// <summary>MPNet (Song et al. 2020, arXiv:2004.09297): positions as RoBERTa, no token types, and a relative bias that all layers
    /// share.</summary>
    MpNet,
}
