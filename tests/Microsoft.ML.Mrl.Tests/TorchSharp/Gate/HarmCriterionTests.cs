using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Gate;

public class HarmCriterionTests
{
    private static readonly (double, double) s_clear = (0.01, 0.2);

    [Fact]
    public void Decide_AheadBeyondNoiseAndNoHarm_LearnedWithoutAWarning()
    {
        HeadVerdict verdict = Decide(HarmGate.NoDimensionWorse, s_clear, null, Score(8, 0.3, 0.4, 0.6), Score(16, 0.5, 0.6, 0.7));

        Assert.Equal((TrainingWinner.Learned, false), (verdict.Winner, verdict.IsWarning));
        Assert.Equal(
            "Learning beat the PCA prefix on 50 rows held back (accuracy: raw 0.4000, PCA 0.5000, learned 0.6500) by 0.1500 in the mean over dimensions, 95 % interval 0.0100..0.2000, " +
            "and no dimension is worse beyond noise (1000 resamples).", verdict.Text);
    }

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse, TrainingWinner.Pca)]
    [InlineData(HarmGate.MeanOnly, TrainingWinner.Learned)]
    [InlineData(HarmGate.Off, TrainingWinner.Learned)]
    public void Decide_AheadWithinNoise_OnlyTheDefaultGateRefuses(HarmGate gate, TrainingWinner winner)
    {
        HeadVerdict verdict = Decide(gate, (-0.02, 0.05), null, Score(8, 0.3, 0.4, 0.41));

        Assert.Equal(winner, verdict.Winner);
        Assert.Equal(
            gate == HarmGate.NoDimensionWorse,
            verdict.Text.Contains("the lead is within noise, its 95 % interval being -0.0200..0.0500", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.41, -0.02, 0.05, TrainingWinner.Learned, false)]
    [InlineData(0.39, -0.05, 0.02, TrainingWinner.Learned, true)]
    [InlineData(0.39, -0.05, -0.001, TrainingWinner.Pca, true)]
    public void Decide_NeedsNoLead_IsReturnedUnlessItIsWorseBeyondNoise(
        double learned, double low, double high, TrainingWinner winner, bool warns)
    {
        var criterion = new HarmCriterion(HarmGate.NoDimensionWorse, "Spearman", 50, needsNoLead: true);

        HeadVerdict verdict = criterion.Decide([Score(8, 0.3, 0.4, learned)], (low, high), [], null);

        Assert.Equal((winner, warns), (verdict.Winner, verdict.IsWarning));
        Assert.Equal(
            winner == TrainingWinner.Learned,
            verdict.Text.EndsWith(
                " That may be noise, and a head of scored pairs in closed form is safer than the PCA prefix where noise decides.",
                StringComparison.Ordinal));
    }

    [Fact]
    public void Decide_NeedsNoLeadAndADimensionIsHarmed_TheBetterOfRawAndPca()
    {
        var criterion = new HarmCriterion(HarmGate.NoDimensionWorse, "Spearman", 50, needsNoLead: true);

        HeadVerdict verdict = criterion.Decide(
            [Score(8, 0.3, 0.4, 0.6), new ValidationScore(16, 0.8, 0.8, 0.7) { Low = -0.2, High = -0.01 }], (-0.02, 0.05), [], null);

        Assert.Equal(TrainingWinner.Pca, verdict.Winner);
    }

    [Fact]
    public void Decide_NeedsNoLeadButTheMeanAloneDecides_TheBetterOfRawAndPca()
    {
        var criterion = new HarmCriterion(HarmGate.MeanOnly, "Spearman", 50, needsNoLead: true);

        Assert.Equal(TrainingWinner.Pca, criterion.Decide([Score(8, 0.3, 0.4, 0.39)], (-0.05, 0.02), [], null).Winner);
    }

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse, TrainingWinner.Raw, true)]
    [InlineData(HarmGate.MeanOnly, TrainingWinner.Learned, true)]
    [InlineData(HarmGate.Off, TrainingWinner.Learned, true)]
    public void Decide_OneDimensionHarmed_OnlyTheDefaultGateRefusesAndAllSaySo(HarmGate gate, TrainingWinner winner, bool warns)
    {
        HeadVerdict verdict = Decide(
            gate, s_clear, null, Score(8, 0.3, 0.2, 0.9), new ValidationScore(16, 0.8, 0.5, 0.7) { Low = -0.2, High = -0.01 });

        Assert.Equal((winner, warns), (verdict.Winner, verdict.IsWarning));
        Assert.Contains(
            "at 16 dimensions it is worse than raw beyond noise: by 0.1000, 95 % interval 0.0100..0.2000", verdict.Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse, TrainingWinner.Raw)]
    [InlineData(HarmGate.MeanOnly, TrainingWinner.Raw)]
    [InlineData(HarmGate.Off, TrainingWinner.Learned)]
    public void Decide_Behind_TheBetterOfRawAndPca(HarmGate gate, TrainingWinner winner) =>
        Assert.Equal(winner, Decide(gate, (-0.2, -0.1), null, Score(8, 0.6, 0.5, 0.4)).Winner);

    [Fact]
    public void Decide_ATieWithPca_IsNoGain() =>
        Assert.Equal(TrainingWinner.Pca, Decide(HarmGate.MeanOnly, (0, 0), null, Score(8, 0.4, 0.5, 0.5)).Winner);

    [Theory]
    [InlineData(0.5, TrainingWinner.Learned)]
    [InlineData(0.4999, TrainingWinner.Raw)]
    public void Decide_ATieWithRaw_CountsAsAhead(double learned, TrainingWinner winner) =>
        Assert.Equal(winner, Decide(HarmGate.MeanOnly, (0, 0), null, Score(8, 0.5, 0.4, learned)).Winner);

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse, true, TrainingWinner.Pca)]
    [InlineData(HarmGate.NoDimensionWorse, false, TrainingWinner.Learned)]
    [InlineData(HarmGate.MeanOnly, true, TrainingWinner.Learned)]
    public void Decide_NoiseNotMeasured_MoreRowsWouldTellOrTheMeanDecides(HarmGate gate, bool canBeMended, TrainingWinner winner)
    {
        HeadVerdict verdict = Decide(gate, (double.NaN, double.NaN), new NoiseGap("Too few.", canBeMended), Score(8, 0.3, 0.4, 0.6));

        Assert.Equal((winner, canBeMended), (verdict.Winner, verdict.IsWarning));
        Assert.Contains("Too few", verdict.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse, TrainingWinner.Pca, "so nothing shows that learning helps. The PCA prefix is returned.")]
    [InlineData(HarmGate.MeanOnly, TrainingWinner.Learned, "so the learned head was compared with nothing.")]
    [InlineData(HarmGate.Off, TrainingWinner.Learned, "so the learned head was compared with nothing.")]
    public void Decide_NoScores_LearnedOnlyWhereThatWasAskedFor(HarmGate gate, TrainingWinner winner, string words)
    {
        HeadVerdict verdict = Decide(gate, (double.NaN, double.NaN), null, Score(8, double.NaN, double.NaN, double.NaN));

        Assert.Equal((winner, true), (verdict.Winner, verdict.IsWarning));
        Assert.Contains(words, verdict.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "Set Gate to HarmGate.MeanOnly to let the mean alone decide.")]
    [InlineData(true, "Ask the mean alone.")]
    public void Decide_Advice_IsInTheWordsOfItsReader(bool hasOwn, string words)
    {
        VerdictAdvice? advice = hasOwn ? new VerdictAdvice { LetTheMeanDecide = words } : null;

        HeadVerdict verdict = new HarmCriterion(HarmGate.NoDimensionWorse, "accuracy", 50, advice: advice)
            .Decide([Score(8, 0.3, 0.4, 0.6)], (-0.01, 0.4), [], null);

        Assert.Equal(TrainingWinner.Pca, verdict.Winner);
        Assert.EndsWith($"The PCA prefix is returned. {words}", verdict.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingLearned_TheBetterOfRawAndPca()
    {
        HeadVerdict verdict = new HarmCriterion(HarmGate.NoDimensionWorse, "accuracy", 50).NothingLearned([Score(8, 0.6, 0.5, double.NaN)]);

        Assert.Equal(
            (TrainingWinner.Raw, true, "Nothing was learned. The raw prefix is returned."),
            (verdict.Winner, verdict.IsWarning, verdict.Text));
    }

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse, TrainingWinner.Pca)]
    [InlineData(HarmGate.MeanOnly, TrainingWinner.Learned)]
    [InlineData(HarmGate.Off, TrainingWinner.Learned)]
    public void Decide_OneMeasureOfTheMixtureHarmed_OnlyTheDefaultGateRefusesAndAllSaySo(HarmGate gate, TrainingWinner winner)
    {
        PartHarm[] parts = [
            new("1-NN", 8, TrainingWinner.Pca, -0.02, -0.03, -0.01), new("1-NN", 16, TrainingWinner.Pca, -0.034, -0.05, -0.02)];

        HeadVerdict verdict = new HarmCriterion(gate, "accuracy", 50)
            .Decide([Score(8, 0.3, 0.4, 0.6), Score(16, 0.5, 0.6, 0.7)], s_clear, parts, null);

        Assert.Equal((winner, true), (verdict.Winner, verdict.IsWarning));
        Assert.Contains(
            "but by 1-NN alone it is worse than PCA beyond noise at 16 dimensions: by 0.0340, 95 % interval 0.0200..0.0500", verdict.Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse, true, TrainingWinner.Pca)]
    [InlineData(HarmGate.NoDimensionWorse, false, TrainingWinner.Learned)]
    [InlineData(HarmGate.MeanOnly, true, TrainingWinner.Learned)]
    public void Decide_MustLeadEverywhereAndIsBehindWithinNoise_OnlyTheDefaultGateRefuses(
        HarmGate gate, bool mustLeadEverywhere, TrainingWinner winner)
    {
        HeadVerdict verdict = new HarmCriterion(gate, "accuracy", 400, "frozen-head", mustLeadEverywhere: mustLeadEverywhere)
            .Decide([Score(8, 0.3, 0.6, 0.7), Score(16, 0.5, 0.8, 0.7975)], s_clear, [], null);

        Assert.Equal(winner, verdict.Winner);
        Assert.Equal(
            winner == TrainingWinner.Pca,
            verdict.Text.Contains("but at 16 dimensions it is behind the frozen-head: 0.7975 against 0.8000.", StringComparison.Ordinal));
    }

    [Fact]
    public void Decide_MustLeadEverywhereAndIsBehind_SaysWhereBesideEveryOtherReason()
    {
        var criterion = new HarmCriterion(HarmGate.NoDimensionWorse, "accuracy", 400, "frozen-head", mustLeadEverywhere: true);
        ValidationScore[] scores = [Score(8, 0.3, 0.6, 0.59), Score(16, 0.5, 0.8, 0.77), Score(32, 0.5, 0.8, 0.81)];

        string notAhead = criterion.Decide(scores, (-0.02, 0.01), [], null).Text,
            withinNoise = criterion.Decide([.. scores[..2], Score(32, 0.5, 0.8, 0.9)], (-0.02, 0.05), [], null).Text;

        const string Where = "at 2 of 3 dimensions, most at 16, it is behind the frozen-head: 0.7700 against 0.8000.";
        Assert.Contains($"learned 0.7233); {Where} The frozen-head prefix is returned.", notAhead, StringComparison.Ordinal);
        Assert.Contains(
            $"but the lead is within noise, its 95 % interval being -0.0200..0.0500, and {Where} The frozen-head prefix is returned.",
            withinNoise, StringComparison.Ordinal);
    }

    private static HeadVerdict Decide(HarmGate gate, (double, double) lead, NoiseGap? gap, params ValidationScore[] scores) =>
        new HarmCriterion(gate, "accuracy", 50).Decide(scores, lead, [], gap);

    private static ValidationScore Score(int dimensions, double raw, double pca, double learned) => new(dimensions, raw, pca, learned);
}
