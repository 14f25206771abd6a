using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides options for fitting and calibrating an <see cref="AdaptiveClassifier"/>. All problems of the options are reported at once.
/// </summary>
public sealed class AdaptiveClassifierOptions
{
    // Less could drown in the rounding of double precision where there are fewer rows than columns.
    private const double MinRegularization = 1e-6;

    /// <summary>Gets the way to classify at each dimension. The default is the nearest class centroid.</summary>
    public AdaptiveClassifierKind Kind { get; init; }

    /// <summary>
    /// Gets the strength α of the L2 regularization of linear classifiers, at least 1e-6. <see cref="AdaptiveClassifier"/> has the formula.
    /// Nearest centroids do not use it. The default, <see langword="null"/>, is 0.1 for ridge and 0.001 for logistic regression.
    /// </summary>
    public double? L2Regularization { get; init; }

    /// <summary>
    /// Gets the prefix lengths to classify at, each at most the width D. The default, <see langword="null"/>, is D together with the
    /// trained dimensions that the annotations of the column name, or with its halves down to 8 if there are no such annotations.
    /// </summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>
    /// Gets the accuracy that may be lost against the largest dimension on the rows that choose the thresholds, in [0, 1]. The value 0.01
    /// is one row in a hundred. The default is 0.
    /// </summary>
    public double AccuracyLoss { get; init; }

    /// <summary>
    /// Gets the share of the rows of each class that is held back from fitting, above 0 and below 1. Half of these rows choose the
    /// temperatures and thresholds, and the other half measure the result. The default is 0.3.
    /// </summary>
    public double CalibrationShare { get; init; } = 0.3;

    /// <summary>Gets the seed of the split. The default is 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the regularization that was set, or the default of the kind.</summary>
    internal double EffectiveL2Regularization => L2Regularization ?? (Kind == AdaptiveClassifierKind.Logistic ? 0.001 : 0.1);

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(AdaptiveClassifierOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Kind))
        {
            yield return $"{nameof(Kind)} is {Kind}; choose {string.Join(" or ", Enum.GetNames<AdaptiveClassifierKind>())}.";
        }
        if (L2Regularization is { } strength && !(strength >= MinRegularization && double.IsFinite(strength)))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(L2Regularization)} is {strength}; choose {MinRegularization} or more, or leave it out.");
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
