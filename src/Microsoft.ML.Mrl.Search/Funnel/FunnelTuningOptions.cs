using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Provides the options of a tuning: the recall that is wanted, and how surely. Everything that is wrong with them is reported at
/// once.</summary>
public sealed class FunnelTuningOptions
{
    /// <summary>Gets the number of rows that are wanted for a query, at least 1. Default 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Gets the recall that is wanted: the share of the nearest rows that is found, a mean over queries; above 0 and at most 1,
    /// though no number of queries can make sure of 1. Default 0.99.</summary>
    public double Recall { get; init; } = 0.99;

    /// <summary>Gets how sure that must be, above 0 and below 1. Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Gets the seed of the order in which queries are counted. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Gets the largest number of candidates to try, at least <see cref="Top"/>. Default 2048.</summary>
    public int MaxCandidates { get; init; } = 2048;

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(FunnelTuningOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (Top < 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Top)} is {Top}; choose 1 or more.");
        }
        if (!(Recall > 0 && Recall <= 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(Recall)} is {Recall}; choose a share above 0 and at most 1, such as 0.99.");
        }
        if (!(Confidence > 0 && Confidence < 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(Confidence)} is {Confidence}; choose a level above 0 and below 1, such as 0.95.");
        }
        if (MaxCandidates < Top)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(MaxCandidates)} is {MaxCandidates}, which cannot hold the {Top} asked for; choose {Top} or more.");
        }
    }
}
