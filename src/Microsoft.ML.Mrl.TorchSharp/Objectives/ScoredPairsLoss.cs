namespace Microsoft.ML.Mrl;

/// <summary>Specifies the loss that fits the similarity of pairs to their scores.</summary>
public enum ScoredPairsLoss
{
    /// <summary>Orders pairs by cosine; see <see cref="CoSentLoss"/>. Only the order of the scores counts. This is the default.</summary>
    CoSent,

    /// <summary>
    /// Orders pairs by the angle between them in the complex plane; see <see cref="AnglELoss"/>. Only the order of the scores counts.
    /// </summary>
    AnglE,

    /// <summary>
    /// Fits the cosine to the score; see <see cref="CosineMseLoss"/>. The scores are scaled so that the lowest in the column is 0 and the
    /// highest is 1.
    /// </summary>
    CosineMse,
}
