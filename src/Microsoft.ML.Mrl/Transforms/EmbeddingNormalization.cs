using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>Specifies what happens to a vector after it is cut.</summary>
public enum EmbeddingNormalization
{
    /// <summary>Divides the prefix by its Euclidean length, so that dot products are cosines. This is the default.</summary>
    UnitLength,

    /// <summary>Leaves the prefix unchanged, for classifiers that were trained on raw values.</summary>
    None,
}
