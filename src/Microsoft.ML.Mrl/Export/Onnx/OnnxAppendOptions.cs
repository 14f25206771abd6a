using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>Provides options for appending a head to the ONNX model of an encoder.</summary>
public sealed class OnnxAppendOptions
{
    /// <summary>
    /// Gets the name of the encoder's output that the head reads. The default, <see langword="null"/>, is <c>sentence_embedding</c> or,
    /// with <see cref="Pooling"/>, <c>token_embeddings</c> or <c>last_hidden_state</c>. If there is none of them, it is the only output.
    /// </summary>
    public string? EncoderOutputName { get; init; }

    /// <summary>
    /// Gets the way in which token vectors <c>[N, T, D]</c> become one vector for each row. The default is none, for outputs that are
    /// <c>[N, D]</c> already. Choose the pooling that the encoder was trained with, which sentence-transformers writes to
    /// <c>1_Pooling/config.json</c>.
    /// </summary>
    public TokenPooling Pooling { get; init; } = TokenPooling.None;

    /// <summary>
    /// Gets the name of the encoder's input that distinguishes real tokens (1) from padding (0), <c>[N, T]</c>, for pooling. The default
    /// is <c>attention_mask</c>.
    /// </summary>
    public string AttentionMaskName { get; init; } = "attention_mask";

    /// <summary>
    /// Gets what happens to the encoder's vectors before the head. The default is none. Choose unit length if the head was trained on
    /// vectors of unit length and the ONNX model does not rescale its output.
    /// </summary>
    public EmbeddingNormalization EncoderNormalization { get; init; } = EmbeddingNormalization.None;

    /// <summary>
    /// Gets the name of the new output, <c>[N, m]</c>. The default is <c>mrl_embedding</c>. The new output may have the name of one of the
    /// encoder's outputs. It then replaces that output, so that the new file can replace the old one.
    /// </summary>
    public string OutputName { get; init; } = "mrl_embedding";

    /// <summary>Gets what happens after the cut. The default is unit length, as in TruncateEmbedding.</summary>
    public EmbeddingNormalization Normalization { get; init; } = EmbeddingNormalization.UnitLength;

    /// <summary>Gets the names of the encoder's outputs to keep, which come after the new one. The default is none.</summary>
    public IReadOnlyList<string> KeptOutputs { get; init; } = [];

    internal void Check()
    {
        List<string> wrong =
        [
            .. Name(OutputName, nameof(OutputName)),
            .. Known(Normalization, nameof(Normalization)),
            .. Known(EncoderNormalization, nameof(EncoderNormalization)),
            .. Known(Pooling, nameof(Pooling)),
        ];
        if (EncoderOutputName is not null)
        {
            wrong.AddRange(Name(EncoderOutputName, nameof(EncoderOutputName)));
        }
        if (Pooling == TokenPooling.Mean)
        {
            wrong.AddRange(Name(AttentionMaskName, nameof(AttentionMaskName)));
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
                    "another name.");
            }
            wrong.AddRange(KeptOutputs.GroupBy(name => name).Where(group => group.Count() > 1).Select(group =>
                $"{nameof(KeptOutputs)} names '{group.Key}' {group.Count()} times. Name each once."));
        }
        if (wrong.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", wrong), "options");
        }
    }

    private static IEnumerable<string> Name(string? name, string option)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            yield return $"{option} is empty. Give a name.";
        }
    }

    private static IEnumerable<string> Known(Enum value, string option)
    {
        if (!Enum.IsDefined(value.GetType(), value))
        {
            yield return $"{option} {value} is not known. Choose {string.Join(" or ", Enum.GetNames(value.GetType()))}.";
        }
    }
}
