namespace Microsoft.ML.Mrl;

/// <summary>Specifies which side of a pair must find the other.</summary>
public enum ContrastDirection
{
    /// <summary>Each anchor must find its positive among all positives and negatives. The default.</summary>
    OneWay,

    /// <summary>The mean of that loss and of one in which each positive must find its anchor among all anchors.</summary>
    Symmetric,
}
