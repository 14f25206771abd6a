namespace Microsoft.ML.Mrl;

/// <summary>Specifies whether a number of dimensions and a type keep the requested share of the full width's quality.</summary>
public enum KeepVerdict
{
    /// <summary>There is no share, because the metric at the full width is not above 0.</summary>
    Undefined,

    /// <summary>
    /// The share is too small: the whole interval, or without an interval the share itself, lies below the requested share.
    /// </summary>
    Falls,

    /// <summary>The requested share lies within the interval, so there are too few rows to tell.</summary>
    Unsure,

    /// <summary>
    /// The share is large enough: the whole interval, or without an interval the share itself, lies at or above the requested share.
    /// </summary>
    Keeps,
}
