using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents what an <see cref="AdaptiveClassifier"/> achieves on rows that took no part in fitting it or in choosing its thresholds.
/// </summary>
/// <remarks>This type is immutable and safe for concurrent use.</remarks>
public sealed class AdaptiveCalibration
{
    internal AdaptiveCalibration()
    {
    }

    /// <summary>Gets the number of these rows.</summary>
    public int Rows { get; internal init; }

    /// <summary>Gets the share of the rows that are classified correctly, in [0, 1].</summary>
    public double Accuracy { get; internal init; }

    /// <summary>Gets the share of the rows that are classified correctly at the largest dimension alone, in [0, 1].</summary>
    public double FullAccuracy { get; internal init; }

    /// <summary>
    /// Gets the 95 % interval of <see cref="FullAccuracy"/> − <see cref="Accuracy"/>, a normal interval of the differences of the single
    /// rows.
    /// </summary>
    public (double Low, double High) Loss { get; internal init; }

    /// <summary>Gets the mean of the dimensions that are used.</summary>
    public double ExpectedDimensions { get; internal init; }

    /// <summary>
    /// Gets the 95 % interval of <see cref="ExpectedDimensions"/>, a normal interval within the smallest and the largest dimension.
    /// </summary>
    public (double Low, double High) ExpectedDimensionsInterval { get; internal init; }

    /// <summary>
    /// Gets the share of the rows that stop at each dimension, in ascending order of the dimensions. The shares add up to 1.
    /// </summary>
    public IReadOnlyList<double> Shares { get; internal init; } = [];

    /// <summary>Returns the main values in one sentence, in the invariant culture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{ExpectedDimensions:F1} dimensions on average ({ExpectedDimensionsInterval.Low:F1} to {ExpectedDimensionsInterval.High:F1}), " +
            $"accuracy {Accuracy:P2}, {FullAccuracy:P2} at the largest, on {Rows} rows.");
}
