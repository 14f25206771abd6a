namespace Microsoft.ML.Mrl;

/// <summary>Specifies the starting point of a training.</summary>
public enum StartingPoint
{
    /// <summary>
    /// The rotation to the principal components. In nearly all cases, its prefixes are the best ones that need no training. Where the
    /// full vectors keep their cosines, the rows are not centred; instead, the direction of their mean comes behind the first sixth of the
    /// values, and behind 8 values at least.
    /// </summary>
    Pca,

    /// <summary>
    /// The unchanged input vectors. A narrower output takes their first values. This suits vectors whose prefixes are good already, such as
    /// those of a Matryoshka model, and outputs that must stay near their inputs. If the input has more than 1,024 values, the training
    /// starts at the nearest map that the computed principal components can express.
    /// </summary>
    Identity,
}
