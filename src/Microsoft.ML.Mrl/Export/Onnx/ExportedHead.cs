using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Finds the head of a model to export, and the dimension to export it at.</summary>
internal static class ExportedHead
{
    /// <summary>Returns the dimension asked for, or the full width.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is not in 1..D_out.</exception>
    public static int Dimensions(EmbeddingHead head, int? dimensions)
    {
        if (dimensions is < 1 || dimensions > head.OutputDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                $"Cannot export at {dimensions}: the head gives {head.OutputDimensions} values. Choose 1..{head.OutputDimensions}.");
        }
        return dimensions ?? head.OutputDimensions;
    }

    /// <summary>Returns the one head that a model applies, in one step or in several.</summary>
    /// <exception cref="ArgumentException">The model applies no head, or several different ones.</exception>
    public static EmbeddingHead In(ITransformer model)
    {
        EmbeddingHead[] heads = [.. All(model).DistinctBy(h => h.Fingerprint)];
        return heads.Length switch
        {
            1 => heads[0],
            0 => throw new ArgumentException("The model applies no embedding head, so there is none to export. Give a model that " +
                "MrlFineTune or ApplyEmbeddingHead made.", nameof(model)),
            _ => throw new ArgumentException(
                $"The model applies {heads.Length} different heads " +
                    $"({string.Join(", ", heads.Select(h => $"{h.Fingerprint}: {h.InputDimensions} to {h.OutputDimensions}"))}). " +
                $"Give the {nameof(MrlTransformer)}, or its {nameof(MrlTransformer.Head)}, that is meant.", nameof(model)),
        };
    }

    private static IEnumerable<EmbeddingHead> All(ITransformer model) => model switch
    {
        MrlTransformer transformer => [transformer.Head],
        IEnumerable<ITransformer> chain => chain.SelectMany(All),
        _ => [],
    };
}
