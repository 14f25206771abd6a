namespace Microsoft.ML.Mrl;

/// <summary>How queries come, which decides what a search costs: <see cref="FunnelIndex.Tune(ReadOnlySpan{float}, FunnelTuningOptions)"/> chooses by it.</summary>
public enum FunnelLoad
{
    /// <summary>One at a time: a scan waits for the memory of all rows.</summary>
    OneByOne,

    /// <summary>Many together: a scan reads memory once for dozens of queries and is bound by arithmetic, so a row on a list weighs more against it.</summary>
    Together,
}
