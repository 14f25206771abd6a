using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>Provides options for writing a head as an ONNX model.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Gets the name of the model's input, <c>[N, D_in]</c>. The default is <c>embedding</c>.</summary>
    public string InputName { get; init; } = "embedding";

    /// <summary>Gets the name of the model's output, <c>[N, m]</c>. The default is <c>mrl_embedding</c>.</summary>
    public string OutputName { get; init; } = "mrl_embedding";

    /// <summary>Gets what happens after the cut. The default is unit length, as in TruncateEmbedding.</summary>
    public EmbeddingNormalization Normalization { get; init; } = EmbeddingNormalization.UnitLength;

    internal void Check()
    {
        List<string> wrong =
        [
            .. OnnxOptionChecks.Name(InputName, nameof(InputName)),
            .. OnnxOptionChecks.Name(OutputName, nameof(OutputName)),
            .. OnnxOptionChecks.Known(Normalization, nameof(Normalization)),
        ];
        if (InputName == OutputName)
        {
            wrong.Add($"{nameof(InputName)} and {nameof(OutputName)} are both '{InputName}'. Give two names.");
        }
        OnnxOptionChecks.Throw(wrong);
    }
}
