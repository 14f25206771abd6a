namespace Microsoft.ML.Mrl;

/// <summary>The do-no-harm gate: of the raw prefix, the PCA prefix and the learned head, the one that does best on the rows held back.</summary>
internal static class HeadChoice
{
    public const string Learned = "learned";
    public const string Pca = "PCA";
    public const string Raw = "raw";

    /// <summary>Chooses, and says so in the log where learning lost or was compared with nothing.</summary>
    /// <param name="objective">What was trained for.</param>
    /// <param name="heldRows">How many rows the scores are from; 0 for no scores.</param>
    /// <param name="raw">The scores of the raw prefix, one a dimension.</param>
    /// <param name="pca">The scores of the PCA prefix.</param>
    /// <param name="best">The best head and its scores; epoch 0 is the PCA prefix itself.</param>
    /// <param name="log">Where it is said.</param>
    public static string Choose(MrlObjective objective, int heldRows, double[] raw, double[] pca, BestHead best, MrlLog log)
    {
        if (heldRows == 0)
        {
            log.Warning("No rows were held back, so the learned head was compared with nothing. Set ValidationFraction above 0 to be sure that it helps.");
            return Learned;
        }
        if (double.IsNaN(best.MeanScore))
        {
            log.Warning($"{objective.ScoreName} is not a number on the {heldRows} rows held back, so the learned head was compared with nothing. Train on more rows or raise ValidationFraction.");
            return Learned;
        }
        string winner = BestHead.MeanOf(raw) > best.MeanScore ? Raw : best.Epoch == 0 ? Pca : Learned;
        if (winner != Learned)
        {
            log.Warning($"Learning did not beat the {winner} prefix on {heldRows} rows held back ({objective.ScoreName}: " +
                $"raw {BestHead.MeanOf(raw):F4}, PCA {BestHead.MeanOf(pca):F4}, learned {BestHead.MeanOf(best.LearnedScores):F4}). The {winner} prefix is returned.");
        }
        return winner;
    }
}
