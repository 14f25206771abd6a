using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Provides what the tunings of searches have in common: the recall that is wanted, and how surely. Everything that is wrong with
/// the options is reported at once.</summary>
public abstract class RecallOptions
{
    private protected RecallOptions(double recall) => Recall = recall;

    /// <summary>Gets the number of rows that are wanted for a query, at least 1. Default 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Gets the recall that is wanted: the share of the nearest rows that is found, a mean over queries; above 0 and below 1,
    /// since no number of queries can make sure of 1. Default 0.99 for an index and 0.95 for re-scoring.</summary>
    public double Recall { get; init; }

    /// <summary>Gets how sure that must be, above 0 and below 1. Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Gets the seed of the order in which queries are counted. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName) => OptionProblems.ThrowIfAny(Problems(), GetType().Name, parameterName);

    private protected virtual IEnumerable<string> Problems()
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
    }
}
