using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <see cref="MrlSearchOperations.TuneRescoring"/>. All invalid values are reported at once.</summary>
public sealed class RescoringOptions : RecallOptions
{
    /// <summary>Initializes a new instance of the <see cref="RescoringOptions"/> class.</summary>
    public RescoringOptions()
        : base(recall: 0.95)
    {
    }

    /// <summary>Gets the type of the vectors that re-rank the short list. The default is single precision.</summary>
    public EmbeddingType RescoreType { get; init; } = EmbeddingType.Single;

    /// <summary>
    /// Gets the prefix length that re-ranks the short list. The documents to find are always those nearest at the full width. The default,
    /// <see langword="null"/>, is the full width.
    /// </summary>
    public int? RescoreDimensions { get; init; }

    /// <summary>Gets the largest factor to try, at least 1. All factors from 1 to this one are tried. The default is 64.</summary>
    public int MaxFactor { get; init; } = 64;

    private protected override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems())
        {
            yield return problem;
        }
        if (Recall == 1)
        {
            yield return $"{nameof(Recall)} is 1; choose a share below 1, such as 0.95: no number of queries can make sure of 1.";
        }
        if (!Enum.IsDefined(RescoreType))
        {
            yield return $"{nameof(RescoreType)} is {RescoreType}; choose one of {string.Join(", ", Enum.GetNames<EmbeddingType>())}.";
        }
        if (MaxFactor < 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(MaxFactor)} is {MaxFactor}; choose 1 or more.");
        }
    }
}
