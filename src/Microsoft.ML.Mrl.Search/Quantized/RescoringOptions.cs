using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>What <see cref="MrlSearchOperations.TuneRescoring(MrlOperations, IDataView, IDataView, string, string, RescoringOptions)"/> is to reach, and with what vectors. All that is wrong with it is reported at once.</summary>
public sealed record RescoringOptions
{
    /// <summary>How many documents are wanted for a query, at least 1. Default 10.</summary>
    public int K { get; init; } = 10;

    /// <summary>The recall wanted: the share of a query's K nearest documents by full vectors that is found, meant over queries; above 0 and below 1. Default 0.95.</summary>
    public double Recall { get; init; } = 0.95;

    /// <summary>How sure that must be, above 0 and below 1. Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The type that the short list is made with. Bits are compared by Hamming distance, other types with the query in single precision. Default: bits.</summary>
    public EmbeddingType Type { get; init; } = EmbeddingType.Binary;

    /// <summary>The prefix length that the short list is made with. Default <see langword="null"/>: the full width.</summary>
    public int? Dimensions { get; init; }

    /// <summary>The type of the vectors that the short list is ranked anew with. Default: single precision.</summary>
    public EmbeddingType RescoreType { get; init; } = EmbeddingType.Single;

    /// <summary>The prefix length that the short list is ranked anew with. What is to be found are the nearest documents at the full width all the same. Default <see langword="null"/>: the full width.</summary>
    public int? RescoreDimensions { get; init; }

    /// <summary>The greatest factor to try, at least 1: all from 1 are tried. Default 64.</summary>
    public int MostFactor { get; init; } = 64;

    /// <summary>The seed of the order in which queries are counted. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(RescoringOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (K < 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(K)} is {K}; choose 1 or more.");
        }
        if (!(Recall > 0 && Recall < 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Recall)} is {Recall}; choose above 0 and below 1, such as 0.95: no number of queries can make sure of 1.");
        }
        if (!(Confidence > 0 && Confidence < 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Confidence)} is {Confidence}; choose a level above 0 and below 1, such as 0.95.");
        }
        if (!Enum.IsDefined(Type) || !Enum.IsDefined(RescoreType))
        {
            yield return $"{nameof(Type)} is {Type} and {nameof(RescoreType)} {RescoreType}; choose of {string.Join(", ", Enum.GetNames<EmbeddingType>())}.";
        }
        if (MostFactor < 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(MostFactor)} is {MostFactor}; choose 1 or more.");
        }
    }
}
