using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>
/// The do-no-harm gate: of the raw prefix, the PCA prefix and the learned head, the one to hand back. Measures; <see cref="HarmCriterion"/> decides.
/// </summary>
internal sealed class HeadChoice(TrainingPlan plan, ExampleSet examples, ScoringRows rows, MrlLog log)
{
    public const string Learned = "learned";
    public const string Pca = "PCA";
    public const string Raw = "raw";

    /// <summary>Chooses, and tells the log.</summary>
    /// <param name="raw">The scores of the raw prefix, one a dimension; empty where no row was held back.</param>
    /// <param name="pca">The scores of the PCA prefix.</param>
    /// <param name="best">The best of the learned heads, if any was learned.</param>
    /// <param name="scoreRows">Gives the score of a candidate on resamples of the rows held back.</param>
    public HeadVerdict Choose(double[] raw, double[] pca, BestHead best, Func<string, ResampledMetric?> scoreRows)
    {
        HeadVerdict verdict = Judge(raw, pca, best, scoreRows);
        if (verdict.IsWarning)
        {
            log.Warning(verdict.Text);
        }
        else
        {
            log.Info(verdict.Text);
        }
        return verdict;
    }

    private HeadVerdict Judge(double[] raw, double[] pca, BestHead best, Func<string, ResampledMetric?> scoreRows)
    {
        if (rows.Held.Length == 0)
        {
            return new HeadVerdict(
                best.Numbers.Length > 0 ? Learned : Pca,
                "No rows were held back, so the learned head was compared with nothing. Set ValidationFraction above 0 to be sure that it helps.", IsWarning: true, []);
        }
        bool hasLearned = best.LearnedScores.Length > 0;
        ValidationScore[] scores = [.. plan.Dimensions.Select((m, i) => new ValidationScore(m, raw[i], pca[i], hasLearned ? best.LearnedScores[i] : double.NaN))];
        var criterion = new HarmCriterion(plan.Options.Gate, plan.Options.Objective.ScoreName, rows.Held.Length);
        if (!hasLearned)
        {
            return HarmCriterion.NothingLearned(scores);
        }
        var parts = new List<PartHarm>();
        NoiseGap? gap = Measure(scores, scoreRows, parts, out (double Low, double High) lead);
        return criterion.Decide(scores, lead, parts, gap);
    }

    /// <summary>Puts the intervals of the differences into the scores.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="scoreRows">Gives the score of a candidate on resamples of the rows held back.</param>
    /// <param name="parts">Takes the harm by the measures that the score mixes.</param>
    /// <param name="lead">The interval of the learned head's lead over the better of raw and PCA, in the mean over dimensions; NaN where it was not measured.</param>
    /// <returns>Why there are none, or null.</returns>
    private NoiseGap? Measure(ValidationScore[] scores, Func<string, ResampledMetric?> scoreRows, List<PartHarm> parts, out (double Low, double High) lead)
    {
        lead = (double.NaN, double.NaN);
        int[] units = Units();
        int count = units.Max() + 1;
        if (count < PairedBootstrap.FewestUnits)
        {
            return new NoiseGap($"{count} different inputs held back are too few, {PairedBootstrap.FewestUnits} are needed. Train on more rows or raise ValidationFraction.", CanBeMended: true);
        }
        if (scoreRows(Learned) is not { } learned || scoreRows(Pca) is not { } pca || scoreRows(Raw) is not { } raw)
        {
            return new NoiseGap($"{plan.Options.Objective.ScoreName} is not made of values of single rows.", CanBeMended: false);
        }
        Func<string, BootstrapIntervals> over = Over(learned, pca, raw, units);
        for (int i = 0; i < scores.Length; i++)
        {
            if (plan.Options.Objective.IsMeasuredByInputs && scores[i].Dimensions == examples.Anchors.Width)
            {
                continue;
            }
            (double low, double high) = over(HarmCriterion.Baseline(scores[i].Raw, scores[i].Pca)).Dimensions[i];
            scores[i] = scores[i] with { Low = low, High = high };
        }
        lead = over(HarmCriterion.Baseline(scores)).Mean;
        for (int k = 0; k < Math.Min(learned.Parts.Count, Math.Min(pca.Parts.Count, raw.Parts.Count)); k++)
        {
            parts.AddRange(HarmOf(learned.Parts[k].Name, learned.Parts[k].Metric, pca.Parts[k].Metric, raw.Parts[k].Metric, units));
        }
        return null;
    }

    /// <summary>Where one measure got worse beyond noise than the better of raw and PCA by that measure.</summary>
    private IEnumerable<PartHarm> HarmOf(string measure, ResampledMetric learned, ResampledMetric pca, ResampledMetric raw, int[] units)
    {
        (double[] ofLearned, double[] ofPca, double[] ofRaw) = (learned.Score(), pca.Score(), raw.Score());
        Func<string, BootstrapIntervals> over = Over(learned, pca, raw, units);
        for (int i = 0; i < ofLearned.Length; i++)
        {
            string baseline = HarmCriterion.Baseline(ofRaw[i], ofPca[i]);
            (double low, double high) = over(baseline).Dimensions[i];
            if (high < 0)
            {
                yield return new PartHarm(measure, plan.Dimensions[i], baseline, ofLearned[i] - ValidationScore.BetterOf(ofRaw[i], ofPca[i]), low, high);
            }
        }
    }

    /// <summary>The intervals of the learned head's lead over either baseline, on the same resamples, so that the two differ by the baseline alone.</summary>
    private Func<string, BootstrapIntervals> Over(ResampledMetric learned, ResampledMetric pca, ResampledMetric raw, int[] units)
    {
        BootstrapIntervals overPca = PairedBootstrap.Intervals(learned, pca, units, Seeded());
        BootstrapIntervals overRaw = PairedBootstrap.Intervals(learned, raw, units, Seeded());
        return baseline => baseline == Pca ? overPca : overRaw;
    }

    private Random Seeded() => new(unchecked((plan.Seed * 1_000_003) ^ 0x6A7E));

    /// <summary>Numbers the held-back rows by their input: rows with equal inputs are one unit of a resample.</summary>
    private int[] Units()
    {
        var numbers = new Dictionary<int, int>();
        return Array.ConvertAll(rows.Held, row =>
        {
            int hash = examples.Anchors.HashOf(row);
            if (!numbers.TryGetValue(hash, out int number))
            {
                numbers.Add(hash, number = numbers.Count);
            }
            return number;
        });
    }
}
