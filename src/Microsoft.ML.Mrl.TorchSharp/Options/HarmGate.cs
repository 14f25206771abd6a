namespace Microsoft.ML.Mrl;

/// <summary>
/// Specifies when a training returns what it learned rather than the raw or the PCA prefix. All three are compared on the validation rows.
/// </summary>
/// <remarks>
/// Noise is measured with a paired bootstrap. The validation rows are resampled with replacement 1,000 times, rows with equal inputs
/// together, and the difference of the scores is computed on each resample. "Worse beyond noise" means that the whole 95 % interval of the
/// differences is below 0, and "better beyond noise" that it is above 0. Each dimension has its own test, without a correction for their
/// number. With many dimensions, a harmless head is therefore refused more often, and a harmful one is accepted less often. Intervals of
/// few rows are widened as t-intervals are. With fewer than 8 different validation inputs nothing can be decided, and the default gate
/// returns the better of raw and PCA, or PCA if no row could be held back although some should have been. Where rows are so few that they
/// are held back in turn, at least 50 are needed, and the interval of the mean over dimensions is one of 99 % (95 % for scored pairs), or
/// of 99.9 % with fewer than 100 different inputs. There a head of scored pairs in closed form is returned by the default gate unless it is
/// worse beyond noise, in the mean or at any dimension, because it is less often harmful than either prefix in its place.
/// </remarks>
public enum HarmGate
{
    /// <summary>
    /// The learned head must be better beyond noise in the mean over all dimensions, and must not be worse beyond noise than the better of
    /// raw and PCA at any dimension. If the score is the mean of two measures, as for classes, this holds for each of them. This is the
    /// default.
    /// </summary>
    NoDimensionWorse,

    /// <summary>
    /// The learned head must be better in the mean over all dimensions. The log names the dimensions that are worse beyond noise.
    /// </summary>
    MeanOnly,

    /// <summary>The learned head is always returned. The log names the dimensions at which it is worse.</summary>
    Off,
}
