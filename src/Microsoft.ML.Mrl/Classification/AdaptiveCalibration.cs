using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>What an <see cref="AdaptiveClassifier"/> does on rows that had no part in fitting it or in choosing its thresholds.</summary>
public sealed record AdaptiveCalibration
{
    /// <summary>The number of these rows.</summary>
    public required int Rows { get; init; }

    /// <summary>The share of them classified rightly, in [0, 1].</summary>
    public required double Accuracy { get; init; }

    /// <summary>The share classified rightly at the largest dimension alone.</summary>
    public required double FullAccuracy { get; init; }

    /// <summary>95 % interval of <see cref="FullAccuracy"/> − <see cref="Accuracy"/>: normal, of the differences row by row.</summary>
    public required (double Low, double High) Loss { get; init; }

    /// <summary>The mean of the dimensions used.</summary>
    public required double ExpectedDimensions { get; init; }

    /// <summary>95 % interval of <see cref="ExpectedDimensions"/>: normal, within the smallest and the largest dimension.</summary>
    public required (double Low, double High) ExpectedDimensionsInterval { get; init; }

    /// <summary>The share of the rows that stopped at each dimension, ascending; the sum is 1.</summary>
    public required IReadOnlyList<double> Shares { get; init; }

    /// <summary>The main numbers in a sentence.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{ExpectedDimensions:F1} dimensions on average ({ExpectedDimensionsInterval.Low:F1} to {ExpectedDimensionsInterval.High:F1}), " +
            $"accuracy {Accuracy:P2}, {FullAccuracy:P2} at the largest, on {Rows} rows.");
}
