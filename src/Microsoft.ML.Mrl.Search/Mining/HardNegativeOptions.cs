using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// How <see cref="MrlSearchOperations.MineHardNegatives(MrlOperations, IDataView, string, string, HardNegativeOptions)"/> chooses
/// negatives. All that is wrong with it is reported at once.
/// </summary>
public sealed class HardNegativeOptions
{
    /// <summary>The column to make for the negatives. Default <c>Negative</c>.</summary>
    public string NegativeColumnName { get; init; } = "Negative";

    /// <summary>
    /// The column whose vector becomes the negative, taken from the row in which the found document is the positive; <see langword="null"/>
    /// (default) for the positive column itself. Name the column of the vectors as they came when mining by those of a trained head, so
    /// that the next training has all inputs of one kind.
    /// </summary>
    public string? NegativeSourceColumnName { get; init; }

    /// <summary>The most negatives for each pair, nearest first, a row each. At least 1. Default 1.</summary>
    public int NegativesPerAnchor { get; init; } = 1;

    /// <summary>
    /// The most documents of an anchor, nearest first and its own positives not counted, to look at. At least
    /// <see cref="NegativesPerAnchor"/>; <see langword="null"/> (default) for all. A pair finds nothing when the margin excludes that many,
    /// which is so for just the pairs whose positive is hard to find.
    /// </summary>
    public int? SearchDepth { get; init; }

    /// <summary>
    /// How far below its positive's cosine c a negative must stay, as a share of c: documents above c − margin · |c| are passed over, for
    /// they may well be positives that nobody marked. 0..1. Default 0.05: at most 95 % of the positive's.
    /// </summary>
    /// <remarks>
    /// The rule is TopK-PercPos of NV-Retriever (Moreira et al. 2024, arXiv:2407.15831), and 95 % is what did best there.
    /// </remarks>
    public double RelativeMargin { get; init; } = 0.05;

    /// <summary>The same as a difference of cosines: documents above c − margin are passed over too. 0..2. Default 0.</summary>
    public double AbsoluteMargin { get; init; }

    /// <summary>The prefix length m at which cosines are taken, 1..D; <see langword="null"/> (default) for the full width.</summary>
    public int? Dimensions { get; init; }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(HardNegativeOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (string.IsNullOrEmpty(NegativeColumnName))
        {
            yield return $"{nameof(NegativeColumnName)} is empty; name the column to make.";
        }
        if (NegativesPerAnchor < 1)
        {
            yield return $"{nameof(NegativesPerAnchor)} is {NegativesPerAnchor}; choose 1 or more.";
        }
        if (SearchDepth < 1)
        {
            yield return $"{nameof(SearchDepth)} is {SearchDepth}; choose 1 or more.";
        }
        else if (SearchDepth < NegativesPerAnchor)
        {
            yield return $"{nameof(SearchDepth)} of {SearchDepth} is below {nameof(NegativesPerAnchor)} of {NegativesPerAnchor}; look at " +
                "as many at least.";
        }
        if (RelativeMargin is not (>= 0 and <= 1))
        {
            yield return $"{nameof(RelativeMargin)} is {RelativeMargin}; choose 0..1.";
        }
        if (AbsoluteMargin is not (>= 0 and <= 2))
        {
            yield return $"{nameof(AbsoluteMargin)} is {AbsoluteMargin}; choose 0..2.";
        }
        if (Dimensions < 1)
        {
            yield return $"{nameof(Dimensions)} is {Dimensions}; choose 1 or more.";
        }
    }
}
