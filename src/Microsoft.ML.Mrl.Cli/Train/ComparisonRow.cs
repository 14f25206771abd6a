namespace Microsoft.ML.Mrl.Cli;

/// <summary>The three systems at one dimension.</summary>
/// <param name="Dimensions">The prefix length m.</param>
/// <param name="Raw">The first m features.</param>
/// <param name="Pca">The first m principal components of the features.</param>
/// <param name="Mrl">The first m values of the trained embedding.</param>
internal sealed record ComparisonRow(int Dimensions, SystemScores Raw, SystemScores Pca, SystemScores Mrl)
{
    /// <summary>The bytes of a vector, 4 for each value.</summary>
    public long BytesPerVector => sizeof(float) * (long)Dimensions;
}
