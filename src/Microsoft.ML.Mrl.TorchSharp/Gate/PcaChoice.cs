using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>
/// Chooses between the principal components of centred rows and those that keep the cosines of the full vectors. Centring helps where the
/// mean says nothing, and harms the long prefixes where it does. Few rows cannot tell which is so, and then the rows are centred.
/// </summary>
internal static class PcaChoice
{
    /// <summary>That of the interval, in per cent: below it lie 5 in a hundred.</summary>
    private const double Confidence = 90;

    /// <summary>Returns the plan with those that keep the cosines where they are ahead beyond noise in the mean over dimensions.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="units">Which of the rows held back belong together, see <see cref="HeadChoice.UnitsOf"/>.</param>
    /// <param name="scores">The scores of a plan's PCA prefix on resamples of these rows; null where there are none.</param>
    public static TrainingPlan Of(TrainingPlan plan, int[] units, Func<TrainingPlan, ResampledMetric?> scores)
    {
        TrainingPlan keeping = plan with { PcaKeepsCentre = true };
        if (plan.KeepsCentre || units.Distinct().Count() < PairedBootstrap.FewestUnitsInTurn || scores(plan) is not { } centred
            || scores(keeping) is not { } uncentred)
        {
            return plan;
        }
        return PairedBootstrap.Intervals(uncentred, centred, units, new Random(plan.Seed), Confidence).Mean.Low > 0 ? keeping : plan;
    }
}
