using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides options for <see cref="MrlSearchOperations.MineHardNegatives(MrlOperations, IDataView, string, string, HardNegativeOptions)"/>.
/// All invalid values are reported at once.
/// </summary>
public sealed class HardNegativeOptions
{
    /// <summary>Gets the name of the column of negatives that is added. The default is <c>Negative</c>.</summary>
    public string NegativeColumnName { get; init; } = "Negative";

    /// <summary>
    /// Gets the name of the column whose vector becomes the negative. The vector is taken from the row in which the document found is the
    /// positive. The default, <see langword="null"/>, takes it from the positive column itself. Name the column of the original vectors
    /// when negatives are mined by the vectors of a trained head, so that all inputs of the next training are of one kind.
    /// </summary>
    public string? NegativeSourceColumnName { get; init; }

    /// <summary>
    /// Gets the maximum number of negatives for each pair, at least 1. The nearest are taken, one row each. The default is 1.
    /// </summary>
    public int NegativesPerAnchor { get; init; } = 1;

    /// <summary>
    /// Gets the maximum number of documents to examine for each anchor, nearest first, without the anchor's own positives. It is at least
    /// <see cref="NegativesPerAnchor"/>. The default, <see langword="null"/>, examines all of them. If the margin excludes every document
    /// that is examined, the pair gets no negative.
    /// </summary>
    public int? SearchDepth { get; init; }

    /// <summary>
    /// Gets the margin between the cosine c of a pair and the cosine of a negative, as a share of c, from 0 to 1. Documents with a cosine
    /// above c − margin · |c| are not taken, because they may be positives without a label. The default, 0.05, takes documents with at most
    /// 95 % of the cosine of the pair.
    /// </summary>
    /// <remarks>
    /// The rule and its default are TopK-PercPos of NV-Retriever (Moreira et al. 2024, arXiv:2407.15831).
    /// </remarks>
    public double RelativeMargin { get; init; } = 0.05;

    /// <summary>
    /// Gets the margin as a difference of cosines, from 0 to 2. Documents with a cosine above c − margin are not taken. The default is 0.
    /// </summary>
    public double AbsoluteMargin { get; init; }

    /// <summary>
    /// Gets the prefix length m whose cosines are compared, from 1 to D. The default, <see langword="null"/>, is the full width.
    /// </summary>
    public int? Dimensions { get; init; }

    /// <exception cref="ArgumentException">An option is invalid; the message lists all that are.</exception>
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
