namespace Microsoft.ML.Mrl.Cli;

/// <summary>How one system does at one dimension.</summary>
/// <param name="NearestCentroid">The share of test rows whose nearest class centroid is right, 0..1.</param>
/// <param name="NearestNeighbor">The share of test rows whose nearest training row is right, 0..1.</param>
internal readonly record struct SystemScores(double NearestCentroid, double NearestNeighbor)
{
    /// <summary>The mean of both.</summary>
    public double Mean => (NearestCentroid + NearestNeighbor) / 2;

    /// <summary>Takes the scores from a row of an evaluation.</summary>
    public static SystemScores Of(DimensionRow row) => new(row["NearestCentroid"], row["1-NN"]);
}
