namespace Microsoft.ML.Mrl;

/// <summary>Specifies how an <see cref="AdaptiveClassifier"/> classifies at each dimension, and what its confidence is.</summary>
public enum AdaptiveClassifierKind
{
    /// <summary>
    /// Classifies by the nearest class centroid. The confidence is the cosine with that centroid minus the cosine with the next nearest
    /// one, in [0, 2]. This kind is the fastest to fit and needs the fewest rows of each class. It is the default.
    /// </summary>
    NearestCentroid,

    /// <summary>
    /// Classifies by ridge regression on one-hot classes, one against the rest (Hoerl and Kennard 1970), in closed form. The confidence is
    /// the greatest calibrated softmax probability, in [1 / C, 1].
    /// </summary>
    Ridge,

    /// <summary>
    /// Classifies by multinomial logistic regression, like the nested classifiers of Kusupati et al. 2022, fitted by ML.NET's L-BFGS. The
    /// confidence is the greatest calibrated softmax probability, in [1 / C, 1]. This kind takes the longest to fit.
    /// </summary>
    Logistic,
}
