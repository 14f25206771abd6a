namespace Microsoft.ML.Mrl;

/// <summary>Whether a dimension keeps the share of the full width's quality that was asked for.</summary>
public enum KeepVerdict
{
    /// <summary>There is no share, since the full width's metric is not above 0.</summary>
    Undefined,

    /// <summary>It does not: the whole interval lies below the share asked for; without an interval, the share itself does.</summary>
    Falls,

    /// <summary>The interval holds the share asked for, so that the rows are too few to tell.</summary>
    Unsure,

    /// <summary>It does: the whole interval lies at or above the share asked for; without an interval, the share itself does.</summary>
    Keeps,
}
