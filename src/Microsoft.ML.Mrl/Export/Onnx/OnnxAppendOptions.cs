using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>How a head is appended to an encoder's ONNX model.</summary>
public sealed record OnnxAppendOptions
{
    /// <summary>
    /// The encoder's output that the head reads. Default <see langword="null"/>: <c>sentence_embedding</c>, or with <see cref="Pooling"/>
    /// <c>token_embeddings</c> or
    /// <c>last_hidden_state</c>, where there is one, else the only output.
    /// </summary>
    public string? EncoderOutputName { get; init; }

    /// <summary>
    /// How token vectors <c>[N, T, D]</c> become one vector a row. Default: not at all, the output is <c>[N, D]</c> already.
    /// Choose what the encoder was trained with; sentence-transformers writes it in <c>1_Pooling/config.json</c>.
    /// </summary>
    public TokenPooling Pooling { get; init; } = TokenPooling.None;

    /// <summary>
    /// The encoder's input that tells real tokens (1) from padding (0), <c>[N, T]</c>, for <see cref="TokenPooling.Mean"/>. Default
    /// <c>attention_mask</c>.
    /// </summary>
    public string AttentionMaskName { get; init; } = "attention_mask";

    /// <summary>
    /// What happens to the encoder's vectors before the head. Default: nothing. Choose unit length if the head was trained on vectors of
    /// unit length
    /// that the ONNX model does not yet rescale.
    /// </summary>
    public EmbeddingNormalization EncoderNormalization { get; init; } = EmbeddingNormalization.None;

    /// <summary>
    /// The name of the output that is made, <c>[N, m]</c>. Default <c>mrl_embedding</c>. It may be that of an encoder's output, which is
    /// then no
    /// longer one, so that the new file takes the old one's place.
    /// </summary>
    public string OutputName { get; init; } = "mrl_embedding";

    /// <summary>What happens after the cut. Default: unit length, as TruncateEmbedding does.</summary>
    public EmbeddingNormalization Normalization { get; init; } = EmbeddingNormalization.UnitLength;

    /// <summary>The encoder's outputs that stay outputs, after the new one. Default: none.</summary>
    public IReadOnlyList<string> KeptOutputs { get; init; } = [];

    internal void Check()
    {
        List<string> wrong =
        [
            .. OnnxOptionChecks.Name(OutputName, nameof(OutputName)),
            .. OnnxOptionChecks.Known(Normalization, nameof(Normalization)),
            .. OnnxOptionChecks.Known(EncoderNormalization, nameof(EncoderNormalization)),
            .. OnnxOptionChecks.Known(Pooling, nameof(Pooling)),
        ];
        if (EncoderOutputName is not null)
        {
            wrong.AddRange(OnnxOptionChecks.Name(EncoderOutputName, nameof(EncoderOutputName)));
        }
        if (Pooling == TokenPooling.Mean)
        {
            wrong.AddRange(OnnxOptionChecks.Name(AttentionMaskName, nameof(AttentionMaskName)));
        }
        if (KeptOutputs is null)
        {
            wrong.Add($"{nameof(KeptOutputs)} is null. Give the names of the outputs to keep, or an empty list.");
        }
        else
        {
            if (KeptOutputs.Contains(OutputName))
            {
                wrong.Add($"{nameof(KeptOutputs)} names '{OutputName}', which is the {nameof(OutputName)}. Give the new output " +
                    $"another name.");
            }
            wrong.AddRange(KeptOutputs.GroupBy(name => name).Where(group => group.Count() > 1).Select(group =>
                $"{nameof(KeptOutputs)} names '{group.Key}' {group.Count()} times. Name each once."));
        }
        OnnxOptionChecks.Throw(wrong);
    }
}
