using System.Globalization;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Heads;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>Decides between the raw prefix, the PCA prefix and the learned head by their scores, and words the decision.</summary>
/// <param name="gate">What the learned head must reach.</param>
/// <param name="scoreName">What the scores measure.</param>
/// <param name="heldRows">How many rows they are from, at least 1.</param>
/// <param name="pcaName">What is compared with in the place of PCA.</param>
/// <param name="folds">In how many parts they were held back, one after the other.</param>
/// <param name="confidence">That of the interval of the lead in the mean over dimensions, in per cent.</param>
/// <param name="mustLeadEverywhere">Whether it may be behind <paramref name="pcaName"/> at no dimension, be it within noise.</param>
/// <param name="needsNoLead">Whether by the default gate it is enough not to be worse beyond noise, in the mean or at a dimension.</param>
/// <param name="advice">What is advised, and how; null for the advice to programs.</param>
internal sealed class HarmCriterion(HarmGate gate, string scoreName, int heldRows, string pcaName = "PCA", int folds = 1,
    double confidence = 95, bool mustLeadEverywhere = false, bool needsNoLead = false, VerdictAdvice? advice = null)
{
    private readonly VerdictAdvice _advice = advice ?? VerdictAdvice.ToPrograms;

    /// <summary>The better of the two where training ended before its first epoch did.</summary>
    public HeadVerdict NothingLearned(IReadOnlyList<ValidationScore> scores)
    {
        TrainingWinner winner = Baseline(scores);
        return new HeadVerdict(winner, $"Nothing was learned. The {NameOf(winner)} prefix is returned.", IsWarning: true, scores);
    }

    /// <summary>
    /// The learned head must be ahead in the mean over dimensions, a tie with PCA, its starting point, being no gain; and, unless the gate
    /// says otherwise, ahead beyond noise, and nowhere worse beyond noise than the better of the two.
    /// </summary>
    /// <param name="scores">The scores and the intervals of their differences, a row a dimension.</param>
    /// <param name="lead">The interval of the learned head's lead in the mean over dimensions; NaN where there is none.</param>
    /// <param name="parts">The harm by the measures that the score mixes.</param>
    /// <param name="gap">Why there are no intervals, or null.</param>
    public HeadVerdict Decide(IReadOnlyList<ValidationScore> scores, (double Low, double High) lead, IReadOnlyList<PartHarm> parts,
        NoiseGap? gap)
    {
        double raw = scores.Average(s => s.Raw), pca = scores.Average(s => s.Pca), learned = scores.Average(s => s.Learned);
        TrainingWinner better = Baseline(scores);
        string baseline = NameOf(better);
        string noise = gap is null ? "" : $" Noise was not measured: {gap.Reason}";
        if (double.IsNaN(learned) && double.IsNaN(ValidationScore.BetterOf(raw, pca)))
        {
            bool isSafe = gate == HarmGate.NoDimensionWorse;
            return new HeadVerdict(
                isSafe ? TrainingWinner.Pca : TrainingWinner.Learned,
                $"{scoreName} is not a number on {Rows} held back, so " +
                (isSafe ? $"nothing shows that learning helps. The {pcaName} prefix is returned. "
                    : "the learned head was compared with nothing. ") +
                $"Train on more rows or {_advice.HoldMoreBack}.",
                IsWarning: true, scores);
        }
        string inParts = folds > 1 ? $" in {folds} parts" : "";
        string means = Text($"{Rows} held back{inParts} ({scoreName}: raw {raw:F4}, {pcaName} {pca:F4}, learned {learned:F4})");
        bool isAhead = (double.IsNaN(raw) || learned >= raw) && (double.IsNaN(pca) || learned > pca);
        ValidationScore[] harmed = [.. scores.Where(s => s.High < 0)];
        bool mayBeBehind = needsNoLead && gate == HarmGate.NoDimensionWorse && lead.High > 0 && harmed.Length == 0 && parts.Count == 0;
        if (gate != HarmGate.Off && !isAhead && !mayBeBehind)
        {
            return new HeadVerdict(
                better,
                $"Learning did not beat the {baseline} prefix on {means}{(Behind(scores) is { } where ? $"; {where}" : "")}. " +
                $"The {baseline} prefix is returned.{noise}",
                IsWarning: true, scores);
        }
        string?[] reasons = [Doubt(harmed, lead, parts, gap, scores.Count), harmed.Length > 0 ? null : Behind(scores)];
        string[] doubts = [.. reasons.OfType<string>()];
        if (gate == HarmGate.NoDimensionWorse && doubts.Length > 0)
        {
            return new HeadVerdict(better,
                $"Learning is ahead in the mean over dimensions on {means}, but {string.Join(", and ", doubts)}. " +
                $"The {baseline} prefix is returned. {_advice.LetTheMeanDecide}",
                IsWarning: true, scores);
        }
        string comparison = isAhead ? "beat" : "did not beat";
        double ahead = learned - ValidationScore.BetterOf(raw, pca);
        string by = double.IsNaN(lead.Low) ? ""
            : Text($" by {ahead:F4} in the mean over dimensions, {confidence} % interval {lead.Low:F4}..{lead.High:F4}");
        string harm = harmed.Length > 0 ? $", and {Harm(harmed, scores.Count)}"
            : parts.Count > 0 ? $", but {Harm(parts)}"
            : gap is null ? $", and no dimension is worse beyond noise ({PairedBootstrap.Resamples} resamples)" : "";
        string within = gate == HarmGate.NoDimensionWorse && lead.Low <= 0
            ? $" That may be noise, and a head of scored pairs in closed form is safer than the {baseline} prefix where noise decides."
            : "";
        bool isHarmful = !isAhead || harmed.Length > 0 || parts.Count > 0;
        string why = gate == HarmGate.Off && isHarmful
            ? $" The learned head is returned all the same, since {nameof(MrlTrainingOptions.Gate)} is " +
            $"{nameof(HarmGate)}.{nameof(HarmGate.Off)}." : "";
        return new HeadVerdict(
            TrainingWinner.Learned, $"Learning {comparison} the {baseline} prefix on {means}{by}{harm}.{within}{why}{noise}",
            isHarmful || gap is { CanBeMended: true }, scores);
    }

    /// <summary>The better of raw and PCA in the mean over dimensions.</summary>
    public static TrainingWinner Baseline(IReadOnlyList<ValidationScore> scores) =>
        Baseline(scores.Average(s => s.Raw), scores.Average(s => s.Pca));

    /// <summary>The better of raw and PCA by their scores.</summary>
    public static TrainingWinner Baseline(double raw, double pca) =>
        ValidationScore.BetterOf(raw, pca).Equals(pca) ? TrainingWinner.Pca : TrainingWinner.Raw;

    /// <summary>Why a lead in the mean is not enough, or null.</summary>
    private string? Doubt(ValidationScore[] harmed, (double Low, double High) lead, IReadOnlyList<PartHarm> parts, NoiseGap? gap,
        int dimensions) =>
        gap is { CanBeMended: true } ? $"whether that is noise cannot be told: {gap.Reason.TrimEnd('.')}"
        : harmed.Length > 0 ? Harm(harmed, dimensions)
        : parts.Count > 0 ? Harm(parts)
        : lead.Low <= 0 && !needsNoLead
            ? Text($"the lead is within noise, its {confidence} % interval being {lead.Low:F4}..{lead.High:F4}")
        : null;

    /// <summary>
    /// Where it is behind what it must not be behind anywhere, be it within noise: at how many dimensions, and most at which. Null if
    /// nowhere.
    /// </summary>
    private string? Behind(IReadOnlyList<ValidationScore> scores)
    {
        ValidationScore[] behind = mustLeadEverywhere ? [.. scores.Where(s => s.Learned < s.Pca)] : [];
        if (behind.MinBy(s => s.Learned - s.Pca) is not { } worst)
        {
            return null;
        }
        string where = behind.Length == 1 ? $"at {worst.Dimensions} dimensions"
            : $"at {behind.Length} of {scores.Count} dimensions, most at {worst.Dimensions},";
        return Text($"{where} it is behind the {pcaName}: {worst.Learned:F4} against {worst.Pca:F4}");
    }

    private string Harm(IReadOnlyList<PartHarm> parts)
    {
        PartHarm worst = parts.MinBy(p => p.Difference)!;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"by {worst.Measure} alone it is worse than {NameOf(worst.Than)} beyond noise at {worst.Dimensions} dimensions: " +
            $"by {-worst.Difference:F4}, 95 % interval {-worst.High:F4}..{-worst.Low:F4}");
    }

    private string Harm(ValidationScore[] harmed, int dimensions)
    {
        ValidationScore worst = harmed.MinBy(s => s.Difference)!;
        string where = harmed.Length == 1 ? $"at {worst.Dimensions} dimensions"
            : $"at {harmed.Length} of {dimensions} dimensions, most at {worst.Dimensions},";
        string than = NameOf(Baseline(worst.Raw, worst.Pca));
        return Text($"{where} it is worse than {than} beyond noise: by {-worst.Difference:F4}, ") +
            Text($"95 % interval {-worst.High:F4}..{-worst.Low:F4}");
    }

    private string Rows => heldRows == 1 ? "1 row" : Text($"{heldRows} rows");

    private string NameOf(TrainingWinner winner) => winner == TrainingWinner.Pca ? pcaName : TrainingSummaryFormat.NameOf(winner);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What the gate decided.</summary>
/// <param name="Winner">Which candidate is handed back.</param>
/// <param name="Text">Why, and by how much, in a sentence or two.</param>
/// <param name="IsWarning">Whether the user should not miss it.</param>
/// <param name="Scores">What the candidates reached, one per dimension; empty where nothing was held back.</param>
internal sealed record HeadVerdict(TrainingWinner Winner, string Text, bool IsWarning, IReadOnlyList<ValidationScore> Scores)
{
    /// <summary>Writes it to a log.</summary>
    public void Tell(MrlLog log)
    {
        if (IsWarning)
        {
            log.Warning(Text);
        }
        else
        {
            log.Info(Text);
        }
    }
}

/// <summary>A learned head's harm by one of the measures that a score mixes, at one dimension, beyond noise.</summary>
/// <param name="Measure">The measure's name.</param>
/// <param name="Dimensions">The prefix length.</param>
/// <param name="Than">The better of raw and PCA by this measure.</param>
/// <param name="Difference">Learned minus that, below 0.</param>
/// <param name="Low">The lower end of its 95 % interval.</param>
/// <param name="High">The upper end, below 0.</param>
internal sealed record PartHarm(string Measure, int Dimensions, TrainingWinner Than, double Difference, double Low, double High);

/// <summary>Why noise was not measured.</summary>
/// <param name="Reason">A sentence.</param>
/// <param name="CanBeMended">Whether more rows would do.</param>
internal sealed record NoiseGap(string Reason, bool CanBeMended);
