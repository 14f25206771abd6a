namespace Microsoft.ML.Mrl;

/// <summary>Specifies which side of a pair must find the other.</summary>
public enum ContrastDirection
{
    /// <summary>Each anchor must find its positive among all positives and negatives. This is the default.</summary>
    OneWay,

    /// <summary>
    /// The loss is the mean of <see cref="OneWay"/> and of the loss in which each positive must find its anchor among all anchors.
    /// </summary>
    Symmetric,
}
