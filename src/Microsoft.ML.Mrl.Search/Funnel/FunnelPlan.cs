using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>Describes how a <see cref="FunnelIndex"/> searches: by a graph over prefixes whose candidates are scored again by the full
/// vectors, or by comparing all rows. Also the result of <see cref="MrlSearchOperations.TuneRescoring"/>.</summary>
/// <remarks>
/// A plan with one list is adaptive retrieval; with a middle list it is funnel retrieval (Kusupati et al. 2022, arXiv:2205.13147, section
/// 4.3). Immutable and safe for concurrent use.
/// </remarks>
public sealed class FunnelPlan
{
    private FunnelPlan()
    {
    }

    /// <summary>Initializes a new instance of the <see cref="FunnelPlan"/> class that searches a graph.</summary>
    /// <param name="dimensions">The prefix length m that the graph compares, at least 1.</param>
    /// <param name="type">The type in which prefixes are stored. A graph takes Single, Half and Int8.</param>
    /// <param name="candidates">
    /// The number of rows, nearest by their prefixes, that are scored again by the full vectors; at least 1. A search for more rows takes
    /// as many.
    /// </param>
    /// <param name="expansion">
    /// The number of rows that the graph keeps while it looks for the candidates, or 0 (the default) for as many as there are candidates.
    /// More find better candidates and take longer.
    /// </param>
    /// <param name="middleDimensions">
    /// The longer prefix at which candidates are compared before the full width, or <see langword="null"/> (the default) to score them by
    /// the full vectors at once.
    /// </param>
    /// <param name="middleCandidates">The number of candidates that go on from there to the full width.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or there is no such type.</exception>
    /// <exception cref="ArgumentException">The middle prefix is not longer than the first, or its list not shorter.</exception>
    public FunnelPlan(int dimensions, EmbeddingType type, int candidates, int expansion = 0, int? middleDimensions = null,
        int middleCandidates = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(expansion);
        if (!Enum.IsDefined(type))
        {
            throw new ArgumentOutOfRangeException(
                nameof(type), type, $"There is no type {type}. Choose one of {string.Join(", ", Enum.GetNames<EmbeddingType>())}.");
        }
        if (middleDimensions is { } middle && (middle <= dimensions || middleCandidates < 1 || middleCandidates >= candidates))
        {
            throw new ArgumentException(
                $"A list of {middleCandidates} by {middle} values makes no sense between {candidates} by {dimensions} values and the " +
                $"full width. Choose more than {dimensions} values and from 1 to {candidates - 1} candidates.", nameof(middleDimensions));
        }
        Dimensions = dimensions;
        Type = type;
        Candidates = candidates;
        Expansion = Math.Max(expansion, candidates);
        MiddleDimensions = middleDimensions;
        MiddleCandidates = middleDimensions is null ? 0 : middleCandidates;
    }

    /// <summary>Gets the plan that compares all rows at the full width, without a graph.</summary>
    public static FunnelPlan Exact { get; } = new();

    /// <summary>Whether the plan compares all rows.</summary>
    internal bool IsExact => Dimensions == 0;

    /// <summary>Gets the prefix length that the graph compares; 0 for an exact search.</summary>
    public int Dimensions { get; }

    /// <summary>Gets the type in which the graph stores a value.</summary>
    public EmbeddingType Type { get; }

    /// <summary>Gets the number of candidates that are scored again; 0 for an exact search.</summary>
    public int Candidates { get; }

    /// <summary>Gets the number of rows that the graph keeps while it looks for the candidates.</summary>
    public int Expansion { get; }

    /// <summary>Gets the prefix length at which candidates are compared before the full width, or <see langword="null"/>.</summary>
    public int? MiddleDimensions { get; }

    /// <summary>Gets the number of candidates that go on from the middle prefix to the full width; 0 where there is none.</summary>
    public int MiddleCandidates { get; }

    /// <summary>Returns the plan as text, such as <c>128 x Int8, expansion 120, 80 candidates</c>.</summary>
    public override string ToString()
        => IsExact ? "exact" : string.Create(
            CultureInfo.InvariantCulture,
            $"{Dimensions} x {Type}, {(Expansion > Candidates ? $"expansion {Expansion}, " : "")}{Candidates} " +
            $"candidates{(MiddleDimensions is { } m ? $", {MiddleCandidates} of them by {m} values" : "")}");
}
