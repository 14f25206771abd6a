namespace Microsoft.ML.Mrl;

/// <summary>Represents the class that an <see cref="AdaptiveClassifier"/> gives to a vector.</summary>
public readonly struct AdaptivePrediction
{
    internal AdaptivePrediction(string label, int dimensions, float confidence)
    {
        Label = label;
        Dimensions = dimensions;
        Confidence = confidence;
    }

    /// <summary>Gets the class.</summary>
    public string Label { get; }

    /// <summary>
    /// Gets the prefix length at which the classifier was sure enough, or the largest one if it never was.
    /// </summary>
    public int Dimensions { get; }

    /// <summary>
    /// Gets the confidence at that prefix length. For nearest centroids it is the cosine with the centroid of the class minus that with the
    /// next nearest one, in [0, 2]. For linear classifiers it is the probability of the class, in [1 / C, 1] with C classes.
    /// </summary>
    public float Confidence { get; }
}
