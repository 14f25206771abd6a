namespace Microsoft.ML.Mrl;

/// <summary>What makes embeddings of pairs fit their scores.</summary>
public enum ScoredPairsLoss
{
    /// <summary>Orders pairs by cosine. Only the order of scores counts. The default.</summary>
    CoSent,

    /// <summary>Orders pairs by the angle between them in the complex plane. Only the order of scores counts.</summary>
    AnglE,

    /// <summary>Makes the cosine equal to the score, whose lowest and highest value in the column are scaled to 0 and 1.</summary>
    CosineMse,
}
