namespace Microsoft.ML.Mrl;

/// <summary>Which side of a pair looks for the other.</summary>
public enum ContrastDirection
{
    /// <summary>Anchors look for their positives among all positives and negatives. The default.</summary>
    OneWay,

    /// <summary>The mean of that and of positives that look for their anchors among all anchors.</summary>
    Symmetric,
}
