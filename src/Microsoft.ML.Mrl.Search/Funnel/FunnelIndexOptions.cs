namespace Microsoft.ML.Mrl;

/// <summary>Provides the options of a <see cref="FunnelIndex"/>.</summary>
public sealed class FunnelIndexOptions
{
    /// <summary>
    /// Gets the prefix lengths among which the index and
    /// <see cref="FunnelIndex.Tune(ReadOnlySpan{float}, FunnelTuningOptions, IProgress{double}?, CancellationToken)"/> choose, none above
    /// the width D. Default <see langword="null"/>: the trained dimensions of the column of an <see cref="IDataView"/> where its
    /// annotations name them, else 16 and its doubles up to D.
    /// </summary>
    public MatryoshkaDimensions? Prefixes { get; init; }

    /// <summary>
    /// Gets how the index searches. Default <see langword="null"/>: small collections by comparing all rows, larger ones by a graph over
    /// signed bytes of half the values or, where <see cref="Prefixes"/> are known, of the shortest with 64 or more.
    /// </summary>
    public FunnelPlan? Plan { get; init; }

    /// <summary>
    /// Gets the largest number of threads for one search or build; -1 (the default) for no limit. Exact results do not depend on it. A
    /// graph that is built by one thread is the same every time.
    /// </summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
