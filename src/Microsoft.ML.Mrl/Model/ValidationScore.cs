namespace Microsoft.ML.Mrl;

/// <summary>What the three candidates reached on the rows held back, at one dimension.</summary>
/// <param name="Dimensions">The prefix length m.</param>
/// <param name="Raw">The first m values of the vectors as they came; NaN where they are not comparable.</param>
/// <param name="Pca">The first m principal components.</param>
/// <param name="Learned">The first m values after the learned head.</param>
public sealed record ValidationScore(int Dimensions, double Raw, double Pca, double Learned);
