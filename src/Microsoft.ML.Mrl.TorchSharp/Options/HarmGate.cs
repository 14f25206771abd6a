namespace Microsoft.ML.Mrl;

/// <summary>
/// When a learned head is handed back rather than the raw or the PCA prefix. All three are compared on the rows held back.
/// </summary>
/// <remarks>
/// Noise is measured with a paired bootstrap: 1,000 times the rows held back (rows with equal inputs as one) are drawn anew with
/// replacement, and the difference of the scores is taken on each draw. "Worse beyond noise" means that the whole 95 % interval of these
/// differences lies below 0. Each dimension has a test of its own and nothing is corrected for their number: with many dimensions a
/// harmless head is more often refused, a harmful one less often let through. "Ahead beyond noise" means that the whole interval lies above
/// 0. For few rows intervals are widened as t-intervals are; below 8 different inputs held back nothing can be told, and the default gate
/// hands back the better of raw and PCA.
/// </remarks>
public enum HarmGate
{
    /// <summary>
    /// The learned head must be ahead beyond noise in the mean over all dimensions, and at no dimension worse, beyond noise, than the
    /// better of raw and PCA; where the score is the mean of two measures, as that of classes is, by neither of them. The default.
    /// </summary>
    NoDimensionWorse,

    /// <summary>
    /// The learned head must be better in the mean over all dimensions; dimensions that got worse beyond noise are told to the log.
    /// </summary>
    MeanOnly,

    /// <summary>The learned head is handed back whatever it scores; the log tells where it is worse.</summary>
    Off,
}
