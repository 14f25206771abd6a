using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>What <see cref="FunnelIndex.Tune(ReadOnlySpan{float}, FunnelTuningOptions)"/> is to reach. All that is wrong with it is reported at once.</summary>
public sealed record FunnelTuningOptions
{
    /// <summary>How many rows are wanted for a query, at least 1. Default 10.</summary>
    public int K { get; init; } = 10;

    /// <summary>The recall wanted: the share of the K nearest rows that is found, a mean over queries; above 0 and at most 1. Of 1 no number of queries can make sure. Default 0.99.</summary>
    public double Recall { get; init; } = 0.99;

    /// <summary>How sure that must be, above 0 and below 1. Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The longest list to try, at least K. Default 16384.</summary>
    public int LongestList { get; init; } = 16384;

    /// <summary>How queries will come. Default: one by one.</summary>
    public FunnelLoad Load { get; init; } = FunnelLoad.OneByOne;

    /// <summary>The seed of the order in which queries are counted. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(FunnelTuningOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (K < 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(K)} is {K}; choose 1 or more.");
        }
        if (!(Recall > 0 && Recall <= 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Recall)} is {Recall}; choose a share above 0 and at most 1, such as 0.99.");
        }
        if (!(Confidence > 0 && Confidence < 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Confidence)} is {Confidence}; choose a level above 0 and below 1, such as 0.95.");
        }
        if (LongestList < K)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(LongestList)} is {LongestList}, which cannot hold the {K} asked for; choose {K} or more.");
        }
        if (!Enum.IsDefined(Load))
        {
            yield return $"{nameof(Load)} is {Load}; choose {FunnelLoad.OneByOne} or {FunnelLoad.Together}.";
        }
    }
}
