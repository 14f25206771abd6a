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
/// <param name="scores">Measures the raw and the PCA prefix on them.</param>
/// <param name="raw">The scores of the raw prefix, one per dimension; empty where no row was held back.</param>
/// <param name="pca">The scores of the PCA prefix, or of what is compared with in its place.</param>
/// <param name="pcaName">What that is called.</param>
/// <param name="folds">In how many parts the rows were held back, one after the other.</param>
/// <param name="mustLeadEverywhere">Whether nothing learned may be behind that at any dimension.</param>
internal sealed class HeadChoice(
    TrainingPlan plan, ExampleSet examples, ScoringRows rows, IHeldOutScores scores, double[] raw, double[] pca, string pcaName = "PCA",
    int folds = 1, bool mustLeadEverywhere = false)
{
    /// <summary>More refused candidates are not measured: what comes after them is less wanted.</summary>
    private const int MostMeasured = 16;

    /// <summary>Resamples for a standard error, which need be no surer than this.</summary>
    private const int FewResamples = 200;

    /// <summary>Of fewer different inputs a lead must be surer still.</summary>
    private const int FewUnits = 100;

    /// <summary>How many points of lead make up for a point of harm that cannot be excluded.</summary>
    private const double WeightOfHarm = 3;

    /// <summary>Of an accuracy or a rank correlation, in the mean over dimensions.</summary>
    private const double Trifle = 0.001;

    private readonly Lazy<ResampledMetric?> _pca = new(() => scores.ScoreRows(TrainingWinner.Pca, null));
    private readonly Lazy<ResampledMetric?> _raw = new(() => scores.ScoreRows(TrainingWinner.Raw, null));
    private readonly Lazy<int[]> _units = new(() => UnitsOf(examples, rows));
    private Resampled? _drawnOfPca, _drawnOfRaw;

    /// <summary>What is compared with.</summary>
    public IHeldOutScores Baselines => scores;

    private int UnitCount => _units.Value.Max() + 1;

    private bool IsNoiseWanted => plan.Options.Gate == HarmGate.NoDimensionWorse && UnitCount >= PairedBootstrap.FewestUnits;

    private HarmCriterion CriterionOf(LearnedCandidate? candidate) =>
        new(plan.Options.Gate, plan.Options.Objective.ScoreName, rows.Held.Length, pcaName, folds, Confidence, mustLeadEverywhere,
            candidate?.Run.NeedsNoLead == true, plan.Options.Advice);

    /// <summary>How sure a lead must be, in per cent: surer where rows are few and candidates many, or a transformer is over its frozen
    /// head. The leads of scored pairs over all folds were found again on other rows.</summary>
    private double Confidence => folds == 1 && plan.Encoder is not TransformerTextEncoder ? 95
        : UnitCount < FewUnits ? 99.9 : folds > 1 && examples.Scores is not null ? 95 : 99;

    /// <summary>
    /// The most wanted first; of equals the one that was measured first. Those that have the start behind learned values leave most of what
    /// else the full vectors could tell apart, and come before the others where they are worth as much but for a trifle.
    /// </summary>
    public static LearnedCandidate[] Sorted(IEnumerable<LearnedCandidate> candidates)
    {
        LearnedCandidate[] all = [.. candidates.OrderByDescending(c => c.Worth)];
        return [.. all.OrderByDescending(c => c.Shape.Columns is not null && c.Worth >= all[0].Worth - Trifle)];
    }

    /// <summary>
    /// Measures learned weights. Their worth is the mean over dimensions of the lead over the better of raw and PCA less one standard
    /// error, the lead that is sure by the rule of one standard error (Breiman et al. 1984), less three times the harm that this error does
    /// not exclude. Where the score mixes measures, harm by each counts, since the user may look at one alone. So a long lead at few values
    /// is worth what it is, and where there is nothing to win a candidate that stays near what was there is worth more than one that does
    /// not.
    /// </summary>
    /// <param name="run">The training that they are from.</param>
    /// <param name="shape">What is made of it.</param>
    /// <param name="weights">Makes the weights.</param>
    /// <param name="scores">Their scores where they are known.</param>
    public LearnedCandidate Measure(TrainedRun run, CandidateShape shape, Func<float[][]> weights, double[]? scores = null)
    {
        if (rows.Held.Length == 0)
        {
            return new LearnedCandidate(run, shape, weights, [], null, double.NaN);
        }
        ResampledMetric? ofRows = IsNoiseWanted ? run.Scores.ScoreRows(TrainingWinner.Learned, weights()) : null;
        return Measured(run, shape, weights, scores ?? ofRows?.Score() ?? run.Scores.Of(weights()), ofRows);
    }

    /// <summary>Measures learned weights whose scores are known already.</summary>
    /// <param name="run">The training that they are from.</param>
    /// <param name="shape">What is made of it.</param>
    /// <param name="weights">Makes the weights.</param>
    /// <param name="learned">Their scores.</param>
    /// <param name="ofRows">The same on resamples of the rows held back; null where there are none.</param>
    public LearnedCandidate Measured(
        TrainedRun run, CandidateShape shape, Func<float[][]> weights, double[] learned, ResampledMetric? ofRows)
    {
        double worth = !IsNoiseWanted || ofRows is null || _pca.Value is null || _raw.Value is null
            ? learned.Select((score, i) => Lead(score, ValidationScore.BetterOf(raw[i], pca[i]))).Average()
            : WorthOf(ofRows);
        return new LearnedCandidate(run, shape, weights, learned, ofRows, worth);
    }

    /// <summary>Chooses.</summary>
    /// <param name="candidates">The learned candidates.</param>
    /// <returns>What was decided, and the learned candidate that this was about; null where there is none.</returns>
    public (HeadVerdict Verdict, LearnedCandidate? Candidate) Choose(IEnumerable<LearnedCandidate> candidates)
    {
        LearnedCandidate[] learned = Sorted(candidates);
        LearnedCandidate? first = learned.FirstOrDefault();
        if (rows.Held.Length == 0)
        {
            if (plan.Options.Gate == HarmGate.NoDimensionWorse && plan.Options.ValidationFraction != 0 && plan.Encoder is null)
            {
                return (new HeadVerdict(TrainingWinner.Pca,
                    "No row could be held back, since there are too few different inputs, or only one of each class, so nothing shows " +
                    $"that learning helps. The {pcaName} prefix is returned. {plan.Options.Advice.CompareOrTrust}",
                    IsWarning: true, []), first);
            }
            return (new HeadVerdict(
                first is null ? TrainingWinner.Pca : TrainingWinner.Learned,
                $"No rows were held back, so the learned head was compared with nothing. {plan.Options.Advice.HoldRowsBack}",
                IsWarning: true, []), first);
        }
        if (first is null)
        {
            return (CriterionOf(null).NothingLearned(ScoresOf(null)), null);
        }
        HeadVerdict? refusal = null;
        foreach (LearnedCandidate candidate in learned.Where((c, i) => i < MostMeasured || c.Run.NeedsNoLead))
        {
            HeadVerdict verdict = Judge(ScoresOf(candidate.Scores), candidate);
            if (verdict.Winner == TrainingWinner.Learned)
            {
                return (verdict, candidate);
            }
            refusal ??= verdict;
        }
        return (refusal!, first);
    }

    private static double Lead(double score, double baseline) => double.IsNaN(baseline) ? score : score - baseline;

    private ValidationScore[] ScoresOf(double[]? learned) =>
        [.. plan.Dimensions.Select((m, i) => new ValidationScore(m, raw[i], pca[i], learned is null ? double.NaN : learned[i]))];

    private double WorthOf(ResampledMetric learned)
    {
        Resampled ofLearned = Draw(learned), ofPca = _drawnOfPca ??= Draw(_pca.Value!), ofRaw = _drawnOfRaw ??= Draw(_raw.Value!);
        double[] worth = Leads(ofLearned, ofPca, ofRaw);
        int count = ofLearned.Parts.Length;
        double[][] parts = count == 0 || ofPca.Parts.Length != count || ofRaw.Parts.Length != count
            ? [worth]
            : [.. ofLearned.Parts.Select((part, k) => Leads(part, ofPca.Parts[k], ofRaw.Parts[k]))];
        double sum = 0;
        for (int i = 0; i < worth.Length; i++)
        {
            sum += worth[i] + WeightOfHarm * parts.Average(part => Math.Min(0, part[i]));
        }
        return double.IsNaN(sum) ? double.NegativeInfinity : sum / worth.Length;
    }

    /// <summary>
    /// The lead over the better of the two less its standard error, at every dimension; 0 where the vectors are the measure itself.
    /// </summary>
    private double[] Leads(Resampled learned, Resampled ofPca, Resampled ofRaw)
    {
        double[] overPca = PairedBootstrap.StandardErrors(learned.OnResamples, ofPca.OnResamples);
        double[] overRaw = PairedBootstrap.StandardErrors(learned.OnResamples, ofRaw.OnResamples);
        return
        [
            .. learned.Scores.Select((score, i) => IsOwnMeasure(plan.Dimensions[i]) ? 0
                : Lead(score, ValidationScore.BetterOf(ofRaw.Scores[i], ofPca.Scores[i]))
                    - (HarmCriterion.Baseline(ofRaw.Scores[i], ofPca.Scores[i]) == TrainingWinner.Pca ? overPca[i] : overRaw[i])),
        ];
    }

    private Resampled Draw(ResampledMetric metric) => new(
        metric.Score(), PairedBootstrap.Scores(metric, _units.Value, Seeded(), FewResamples),
        [.. metric.Parts.Select(part => Draw(part.Metric))]);

    private HeadVerdict Judge(ValidationScore[] scores, LearnedCandidate candidate)
    {
        Noise noise = NoiseOf(scores, candidate);
        return CriterionOf(candidate).Decide(noise.Scores, noise.Lead, noise.Parts, noise.Gap);
    }

    /// <summary>The scores with the intervals of their differences.</summary>
    private Noise NoiseOf(ValidationScore[] bare, LearnedCandidate candidate)
    {
        int[] units = _units.Value;
        int count = UnitCount;
        int fewest = folds == 1 ? PairedBootstrap.FewestUnits : PairedBootstrap.FewestUnitsInTurn;
        if (count < fewest)
        {
            return Noise.Unknown(bare, new NoiseGap(
                (count == 1 ? "1 different input held back is" : $"{count} different inputs held back are") +
                $" too few, {fewest} are needed. Train on more rows" +
                (folds == 1 ? $" or {plan.Options.Advice.HoldMoreBack}." : "."),
                CanBeMended: true));
        }
        if ((candidate.Rows ?? candidate.Run.Scores.ScoreRows(TrainingWinner.Learned, candidate.Weights())) is not { } learned
            || _pca.Value is not { } pca || _raw.Value is not { } raw)
        {
            return Noise.Unknown(bare, new NoiseGap($"{plan.Options.Objective.ScoreName} is not made of values of single rows.",
                CanBeMended: false));
        }
        Func<TrainingWinner, BootstrapIntervals> over = Over(learned, pca, raw, units);
        ValidationScore[] measured = [.. bare];
        for (int i = 0; i < measured.Length; i++)
        {
            if (IsOwnMeasure(measured[i].Dimensions))
            {
                continue;
            }
            (double low, double high) = over(HarmCriterion.Baseline(measured[i].Raw, measured[i].Pca)).Dimensions[i];
            ValidationScore score = measured[i];
            measured[i] = new ValidationScore(score.Dimensions, score.Raw, score.Pca, score.Learned) { Low = low, High = high };
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
                yield return new PartHarm(measure, plan.Dimensions[i], baseline,
                    ofLearned[i] - ValidationScore.BetterOf(ofRaw[i], ofPca[i]), low, high);
            }
        }
    }

    /// <summary>
    /// The intervals of the learned head's lead over either baseline, on the same resamples, so that the two differ by the baseline alone.
    /// </summary>
    private Func<TrainingWinner, BootstrapIntervals> Over(ResampledMetric learned, ResampledMetric pca, ResampledMetric raw, int[] units)
    {
        BootstrapIntervals overPca = PairedBootstrap.Intervals(learned, pca, units, Seeded(), Confidence);
        BootstrapIntervals overRaw = PairedBootstrap.Intervals(learned, raw, units, Seeded(), Confidence);
        return baseline => baseline == TrainingWinner.Pca ? overPca : overRaw;
    }

    /// <summary>
    /// Whether the vectors as they came are, at this width, what embeddings are measured by, so that they are right by definition.
    /// </summary>
    private bool IsOwnMeasure(int dimensions) => dimensions == examples.Anchors.Width
        && (plan.Options.Objective.IsMeasuredByInputs || (examples.Vectors.TryGetValue(VectorRole.Teacher, out VectorRows? teachers)
            && teachers.Width == examples.Anchors.Width
            && Array.TrueForAll(rows.Held, row => teachers.HashOf(row) == examples.Anchors.HashOf(row))));

    private Random Seeded() => new(unchecked((plan.Seed * 1_000_003) ^ 0x6A7E));

    /// <summary>Numbers the held-back rows by their input: rows with equal inputs are one unit of a resample.</summary>
    public static int[] UnitsOf(ExampleSet examples, ScoringRows rows)
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

    /// <summary>A system's scores, on the rows themselves and on resamples, and those of the measures that they mix.</summary>
    private sealed record Resampled(double[] Scores, double[][] OnResamples, Resampled[] Parts);

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
