using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>How an <see cref="AdaptiveClassifier"/> is fitted and calibrated. All that is wrong with it is reported at once.</summary>
public sealed record AdaptiveClassifierOptions
{
    /// <summary>
    /// The prefix lengths to classify at, none above the width D. Default <see langword="null"/>: the trained dimensions of the column of an <see cref="IDataView"/> where its annotations name them, with D; else D
    /// and its halves down to 8.
    /// </summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>How much accuracy may be lost against the largest dimension on the rows that choose the thresholds, in [0, 1]: 0.01 is one row in a hundred. Default 0.</summary>
    public double AccuracyLoss { get; init; }

    /// <summary>The share of each class's rows that is kept from fitting: half of it chooses the thresholds, half judges them. Above 0 and below 1. Default 0.3.</summary>
    public double CalibrationShare { get; init; } = 0.3;

    /// <summary>The seed of the split. Default 0.</summary>
    public int Seed { get; init; }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
    {
        string[] problems = [.. Problems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException($"{nameof(AdaptiveClassifierOptions)} do not make sense: {string.Join(" ", problems)}", parameterName);
        }
    }

    private IEnumerable<string> Problems()
    {
        if (AccuracyLoss is not (>= 0 and <= 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(AccuracyLoss)} is {AccuracyLoss}; choose 0..1.");
        }
        if (CalibrationShare is not (> 0 and < 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(CalibrationShare)} is {CalibrationShare}; choose a share above 0 and below 1.");
        }
    }
}
