namespace Microsoft.ML.Mrl;

/// <summary>How a <see cref="FunnelIndex"/> stores vectors and searches.</summary>
public sealed record FunnelIndexOptions
{
    /// <summary>
    /// The prefix lengths at which rows can be compared, none above the width D; D is added if it is not among them. The first is stored apart, all rows side by side, and scans fastest.
    /// Default <see langword="null"/>: the trained dimensions of the column of an <see cref="IDataView"/> where its annotations name them, less those below 16 if longer ones are
    /// left; else 16 (from D = 512 on: 32) and its doubles up to D. Multiples of 16 waste no memory.
    /// </summary>
    public MatryoshkaDimensions? Widths { get; init; }

    /// <summary>
    /// How to search unless a search says otherwise. Default <see langword="null"/>: by the number k of rows asked for, first at the shortest width; the last list has 8 k rows, each one before it twice as many.
    /// </summary>
    public FunnelPlan? Plan { get; init; }

    /// <summary>The most threads of one search; -1 (default) for no limit. The results do not depend on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
