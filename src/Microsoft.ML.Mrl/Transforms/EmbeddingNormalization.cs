using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>What happens to a vector after it is cut.</summary>
public enum EmbeddingNormalization
{
    /// <summary>The prefix is divided by its Euclidean length, so that dot products are cosines. The default.</summary>
    UnitLength,

    /// <summary>The prefix is left as it is: for classifiers that were trained on raw values.</summary>
    None,
}
