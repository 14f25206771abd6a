using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>
/// The do-no-harm gate: of the raw prefix, the PCA prefix and the learned candidates, the one to hand back. Measures;
/// <see cref="HarmCriterion"/> decides.
/// </summary>
/// <param name="plan">Names the gate, the objective and the dimensions.</param>
/// <param name="examples">The examples.</param>
/// <param name="rows">The rows held back.</param>
/// <param name="scores">Measures candidates on them.</param>
/// <param name="start">The weights that training started from.</param>
internal sealed class HeadChoice(TrainingPlan plan, ExampleSet examples, ScoringRows rows, IHeldOutScores scores, float[][] start)
{
    /// <summary>More refused candidates are not measured: what comes after them is further behind.</summary>
    private const int MostMeasured = 8;

    private readonly Lazy<ResampledMetric?> _pca = new(() => scores.ScoreRows(TrainingWinner.Pca, null));
    private readonly Lazy<ResampledMetric?> _raw = new(() => scores.ScoreRows(TrainingWinner.Raw, null));
    private readonly Lazy<int[]> _units = new(() => UnitsOf(examples, rows));

    /// <summary>Chooses.</summary>
    /// <param name="raw">The scores of the raw prefix, one per dimension; empty where no row was held back.</param>
    /// <param name="pca">The scores of the PCA prefix.</param>
    /// <param name="learned">The learned candidates, the most wanted first.</param>
    /// <returns>What was decided, and the learned candidate that this was about; null where there is none.</returns>
    public (HeadVerdict Verdict, LearnedCandidate? Candidate) Choose(double[] raw, double[] pca, IReadOnlyList<LearnedCandidate> learned)
    {
        LearnedCandidate? first = learned.Count > 0 ? learned[0] : null;
        if (rows.Held.Length == 0)
        {
            return (new HeadVerdict(
                first is null ? TrainingWinner.Pca : TrainingWinner.Learned,
                "No rows were held back, so the learned head was compared with nothing. Set ValidationFraction above 0 to be sure that it helps.",
                IsWarning: true, []), first);
        }
        if (first is null)
        {
            return (HarmCriterion.NothingLearned(ScoresOf(raw, pca, null)), null);
        }
        HeadVerdict? refusal = null;
        foreach (LearnedCandidate candidate in learned.Take(MostMeasured))
        {
            HeadVerdict verdict = Judge(ScoresOf(raw, pca, candidate.Scores), candidate);
            if (verdict.Winner == TrainingWinner.Learned)
            {
                return (verdict, candidate);
            }
            refusal ??= verdict;
        }
        return (refusal!, first);
    }

    private ValidationScore[] ScoresOf(double[] raw, double[] pca, double[]? learned) =>
        [.. plan.Dimensions.Select((m, i) => new ValidationScore(m, raw[i], pca[i], learned is null ? double.NaN : learned[i]))];

    private HeadVerdict Judge(ValidationScore[] scores, LearnedCandidate candidate)
    {
        Noise noise = Measure(scores, candidate);
        return new HarmCriterion(plan.Options.Gate, plan.Options.Objective.ScoreName, rows.Held.Length).Decide(noise.Scores, noise.Lead, noise.Parts, noise.Gap);
    }

    /// <summary>The scores with the intervals of their differences.</summary>
    private Noise Measure(ValidationScore[] bare, LearnedCandidate candidate)
    {
        int[] units = _units.Value;
        int count = units.Max() + 1;
        if (count < PairedBootstrap.FewestUnits)
        {
            return Noise.Unknown(bare, new NoiseGap(
                $"{count} different inputs held back are too few, {PairedBootstrap.FewestUnits} are needed. Train on more rows or raise ValidationFraction.",
                CanBeMended: true));
        }
        if (scores.ScoreRows(TrainingWinner.Learned, candidate.Weights(start)) is not { } learned || _pca.Value is not { } pca || _raw.Value is not { } raw)
        {
            return Noise.Unknown(bare, new NoiseGap($"{plan.Options.Objective.ScoreName} is not made of values of single rows.", CanBeMended: false));
        }
        Func<TrainingWinner, BootstrapIntervals> over = Over(learned, pca, raw, units);
        ValidationScore[] measured = [.. bare];
        for (int i = 0; i < measured.Length; i++)
        {
            if (measured[i].Dimensions == examples.Anchors.Width && IsMeasuredByItself)
            {
                continue;
            }
            (double low, double high) = over(HarmCriterion.Baseline(measured[i].Raw, measured[i].Pca)).Dimensions[i];
            measured[i] = measured[i] with { Low = low, High = high };
        }
        var parts = new List<PartHarm>();
        for (int k = 0; k < Math.Min(learned.Parts.Count, Math.Min(pca.Parts.Count, raw.Parts.Count)); k++)
        {
            parts.AddRange(HarmOf(learned.Parts[k].Name, learned.Parts[k].Metric, pca.Parts[k].Metric, raw.Parts[k].Metric, units));
        }
        return new Noise(measured, over(HarmCriterion.Baseline(measured)).Mean, parts, null);
    }

    /// <summary>Where one measure got worse beyond noise than the better of raw and PCA by that measure.</summary>
    private IEnumerable<PartHarm> HarmOf(string measure, ResampledMetric learned, ResampledMetric pca, ResampledMetric raw, int[] units)
    {
        (double[] ofLearned, double[] ofPca, double[] ofRaw) = (learned.Score(), pca.Score(), raw.Score());
        Func<TrainingWinner, BootstrapIntervals> over = Over(learned, pca, raw, units);
        for (int i = 0; i < ofLearned.Length; i++)
        {
            TrainingWinner baseline = HarmCriterion.Baseline(ofRaw[i], ofPca[i]);
            (double low, double high) = over(baseline).Dimensions[i];
            if (high < 0)
            {
                yield return new PartHarm(measure, plan.Dimensions[i], baseline, ofLearned[i] - ValidationScore.BetterOf(ofRaw[i], ofPca[i]), low, high);
            }
        }
    }

    /// <summary>
    /// The intervals of the learned head's lead over either baseline, on the same resamples, so that the two differ by the baseline alone.
    /// </summary>
    private Func<TrainingWinner, BootstrapIntervals> Over(ResampledMetric learned, ResampledMetric pca, ResampledMetric raw, int[] units)
    {
        BootstrapIntervals overPca = PairedBootstrap.Intervals(learned, pca, units, Seeded());
        BootstrapIntervals overRaw = PairedBootstrap.Intervals(learned, raw, units, Seeded());
        return baseline => baseline == TrainingWinner.Pca ? overPca : overRaw;
    }

    /// <summary>
    /// Whether the vectors as they came are what embeddings are measured by, so that at full width they are right by definition.
    /// </summary>
    private bool IsMeasuredByItself => plan.Options.Objective.IsMeasuredByInputs || (examples.Vectors.TryGetValue(VectorRole.Teacher, out VectorRows? teachers)
        && teachers.Width == examples.Anchors.Width && Array.TrueForAll(rows.Held, row => teachers.HashOf(row) == examples.Anchors.HashOf(row)));

    private Random Seeded() => new(unchecked((plan.Seed * 1_000_003) ^ 0x6A7E));

    /// <summary>Numbers the held-back rows by their input: rows with equal inputs are one unit of a resample.</summary>
    private static int[] UnitsOf(ExampleSet examples, ScoringRows rows)
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

    /// <summary>How sure the scores are.</summary>
    /// <param name="Scores">The scores with the intervals of their differences, NaN where they are not known.</param>
    /// <param name="Lead">
    /// The interval of the learned head's lead over the better of raw and PCA, in the mean over dimensions; NaN where it is not known.
    /// </param>
    /// <param name="Parts">The harm by the measures that the score mixes.</param>
    /// <param name="Gap">Why nothing was measured, or null.</param>
    private sealed record Noise(ValidationScore[] Scores, (double Low, double High) Lead, IReadOnlyList<PartHarm> Parts, NoiseGap? Gap)
    {
        public static Noise Unknown(ValidationScore[] scores, NoiseGap gap) => new(scores, (double.NaN, double.NaN), [], gap);
    }
}
