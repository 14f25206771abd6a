using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>How a head is written as an ONNX model of its own.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>The name of the model's input, <c>[N, D_in]</c>. Default <c>embedding</c>.</summary>
    public string InputName { get; init; } = "embedding";

    /// <summary>The name of the model's output, <c>[N, m]</c>. Default <c>mrl_embedding</c>.</summary>
    public string OutputName { get; init; } = "mrl_embedding";

    /// <summary>What happens after the cut. Default: unit length, as TruncateEmbedding does.</summary>
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
