namespace Microsoft.ML.Mrl;

/// <summary>Specifies the starting point of a training.</summary>
public enum StartingPoint
{
    /// <summary>
    /// The rotation to the principal components. In nearly all cases, its prefixes are the best ones that need no training.
    /// </summary>
    Pca,

    /// <summary>
    /// The unchanged input vectors. A narrower output takes their first values. This suits vectors whose prefixes are good already, such as
    /// those of a Matryoshka model, and outputs that must stay near their inputs. If the input has more than 1,024 values, the training
    /// starts at the nearest map that the computed principal components can express.
    /// </summary>
    Identity,
}
