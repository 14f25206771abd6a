namespace Microsoft.ML.Mrl;

/// <summary>How an encoder's token vectors <c>[N, T, D]</c> become one vector a row, <c>[N, D]</c>.</summary>
public enum TokenPooling
{
    /// <summary>Not at all: the encoder gives one vector a row.</summary>
    None = 0,

    /// <summary>
    /// The mean of the real tokens: Σ_t mask_t x_t / max(Σ_t mask_t, 1e-9), as sentence-transformers' <c>pooling_mode_mean_tokens</c>.
    /// </summary>
    Mean = 1,

    /// <summary>The first token (<c>[CLS]</c>), as sentence-transformers' <c>pooling_mode_cls_token</c>.</summary>
    FirstToken = 2,

    /// <summary>The largest value of the real tokens, dimension by dimension, as sentence-transformers' <c>pooling_mode_max_tokens</c>.</summary>
    Max = 3,

    /// <summary>The last real token, as decoders such as Qwen3-Embedding are pooled: sentence-transformers' <c>pooling_mode_lasttoken</c>.</summary>
    LastToken = 4,
}
