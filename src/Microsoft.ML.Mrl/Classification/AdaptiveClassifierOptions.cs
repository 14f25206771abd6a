using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>How an <see cref="AdaptiveClassifier"/> is fitted and calibrated. All that is wrong with it is reported at once.</summary>
public sealed record AdaptiveClassifierOptions
{
    // Less could drown in the rounding of double precision where there are fewer rows than columns.
    private const double LeastRegularization = 1e-6;

    /// <summary>How to classify at each dimension. Default: by the nearest class centroid.</summary>
    public AdaptiveClassifierKind Kind { get; init; }

    /// <summary>
    /// The penalty α of a linear classifier, at least 1e-6; what it does stands at <see cref="AdaptiveClassifier"/>. Nearest centroids have
    /// none. Default <see langword="null"/>: 0.1 for ridge regression, 0.001 for logistic.
    /// </summary>
    public double? L2Regularization { get; init; }

    /// <summary>
    /// The prefix lengths to classify at, none above the width D. Default <see langword="null"/>: the trained dimensions of the column of
    /// an <see cref="IDataView"/> where its annotations name them, with D; else D
    /// and its halves down to 8.
    /// </summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>
    /// How much accuracy may be lost against the largest dimension on the rows that choose the thresholds, in [0, 1]: 0.01 is one row in a
    /// hundred. Default 0.
    /// </summary>
    public double AccuracyLoss { get; init; }

    /// <summary>
    /// The share of each class's rows that is kept from fitting: half of it chooses the temperatures and thresholds, half judges them.
    /// Above 0 and below 1. Default 0.3.
    /// </summary>
    public double CalibrationShare { get; init; } = 0.3;

    /// <summary>The seed of the split. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>The penalty given, or the default one.</summary>
    internal double EffectiveL2Regularization => L2Regularization ?? (Kind == AdaptiveClassifierKind.Logistic ? 0.001 : 0.1);

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(AdaptiveClassifierOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Kind))
        {
            yield return $"{nameof(Kind)} is {Kind}; choose {string.Join(" or ", Enum.GetNames<AdaptiveClassifierKind>())}.";
        }
        if (L2Regularization is { } strength && !(strength >= LeastRegularization && double.IsFinite(strength)))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(L2Regularization)} is {strength}; choose {LeastRegularization} or more, or leave it out.");
        }
        if (AccuracyLoss is not (>= 0 and <= 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(AccuracyLoss)} is {AccuracyLoss}; choose 0..1.");
        }
        if (CalibrationShare is not (> 0 and < 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(CalibrationShare)} is {CalibrationShare}; choose a share above 0 and below 1.");
        }
    }
}
