namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>The names of one layer's tensors, without <c>.weight</c> and <c>.bias</c>.</summary>
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
