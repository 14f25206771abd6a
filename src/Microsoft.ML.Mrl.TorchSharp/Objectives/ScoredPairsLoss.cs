namespace Microsoft.ML.Mrl;

/// <summary>Specifies the loss that fits the similarity of pairs to their scores.</summary>
public enum ScoredPairsLoss
{
    /// <summary>Orders pairs by cosine; see <see cref="CoSentLoss"/>. Only the order of the scores counts. The default.</summary>
    CoSent,

    /// <summary>
    /// Orders pairs by the angle between them in the complex plane; see <see cref="AnglELoss"/>. Only the order of the scores counts.
    /// </summary>
    AnglE,

    /// <summary>
    /// Brings the cosine to the score; see <see cref="CosineMseLoss"/>. The lowest and highest score in the column are scaled to 0 and 1.
    /// </summary>
    CosineMse,
}
