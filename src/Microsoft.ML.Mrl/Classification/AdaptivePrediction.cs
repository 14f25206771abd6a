namespace Microsoft.ML.Mrl;

/// <summary>What an <see cref="AdaptiveClassifier"/> says of a vector.</summary>
/// <param name="Label">The class.</param>
/// <param name="Dimensions">The prefix length at which it was sure enough, or the largest.</param>
/// <param name="Confidence">How much higher the cosine with the class's centroid is than with the next one's, at that length; in [0, 2].</param>
public readonly record struct AdaptivePrediction(string Label, int Dimensions, float Confidence);
