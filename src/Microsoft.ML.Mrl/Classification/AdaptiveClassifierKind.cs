namespace Microsoft.ML.Mrl;

/// <summary>How an <see cref="AdaptiveClassifier"/> classifies at each dimension, and what its confidence is.</summary>
public enum AdaptiveClassifierKind
{
    /// <summary>
    /// By the nearest class centroid. The confidence is how much higher the cosine with it is than with the next one, in [0, 2]. The
    /// quickest to fit, and needs fewest rows of a class.
    /// </summary>
    NearestCentroid,

    /// <summary>
    /// By ridge regression on one-hot classes, one against the rest (Hoerl and Kennard 1970), in closed form. The confidence is the
    /// greatest calibrated softmax probability, in [1 / C, 1].
    /// </summary>
    Ridge,

    /// <summary>
    /// By multinomial logistic regression, as the nested classifiers of Kusupati et al. 2022 are, fitted by ML.NET's L-BFGS. The confidence
    /// is the greatest calibrated softmax probability, in [1 / C, 1]. Takes longest
    /// to fit.
    /// </summary>
    Logistic,
}
