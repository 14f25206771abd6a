namespace Microsoft.ML.Mrl;

/// <summary>What an <see cref="AdaptiveClassifier"/> says of a vector.</summary>
/// <param name="Label">The class.</param>
/// <param name="Dimensions">The prefix length at which it was sure enough, or the largest.</param>
/// <param name="Confidence">
/// How sure it was at that length: for nearest centroids how much higher the cosine with the class's centroid is than with the next one's,
/// in [0, 2]; for linear classifiers the probability of the class, in [1 / C, 1].
/// </param>
public readonly record struct AdaptivePrediction(string Label, int Dimensions, float Confidence);
