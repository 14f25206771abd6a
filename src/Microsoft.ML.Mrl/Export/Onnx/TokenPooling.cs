namespace Microsoft.ML.Mrl;

/// <summary>Specifies how the token vectors <c>[N, T, D]</c> of an encoder become one vector for each row, <c>[N, D]</c>.</summary>
public enum TokenPooling
{
    /// <summary>Does not pool, for encoders that return one vector for each row.</summary>
    None = 0,

    /// <summary>
    /// Takes the mean of the real tokens, Σ_t mask_t x_t / max(Σ_t mask_t, 1e-9), as sentence-transformers'
    /// <c>pooling_mode_mean_tokens</c>.
    /// </summary>
    Mean = 1,

    /// <summary>Takes the first token (<c>[CLS]</c>), as sentence-transformers' <c>pooling_mode_cls_token</c>.</summary>
    FirstToken = 2,

    /// <summary>
    /// Takes the largest value of the real tokens in each dimension, as sentence-transformers' <c>pooling_mode_max_tokens</c>.
    /// </summary>
    Max = 3,

    /// <summary>
    /// Takes the last real token, as decoders such as Qwen3-Embedding need (sentence-transformers' <c>pooling_mode_lasttoken</c>).
    /// </summary>
    LastToken = 4,
}
