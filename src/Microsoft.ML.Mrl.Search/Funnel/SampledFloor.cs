using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// A score that the last row of a long list is hardly below, taken from every 32nd panel of rows. With it a scan takes down little more than it keeps; where the guess was too
/// high, the list is not full in the end and the scan is repeated without.
/// </summary>
internal static class SampledFloor
{
    public const int Step = 32;

    // A short list fills and settles soon enough by itself.
    private const int ShortestList = 128;
    private const int FewestPanels = 32 * Step;

    /// <summary>How many rows of the sample to keep for a list; 0 for no sample.</summary>
    public static int SampleOf(int limit, int rows)
    {
        if (limit < ShortestList || rows / FunnelLayout.Panel < FewestPanels || limit > rows / 4)
        {
            return 0;
        }
        // The rows of the list in the sample are about Poisson: three deviations and a little on the safe side.
        double expected = (double)limit / Step;
        return (int)(expected + (3 * Math.Sqrt(expected)) + 3);
    }

    /// <summary>The floor by the sample's best rows; none where the sample is too small.</summary>
    public static float? Of(ShortList sample)
    {
        Span<ulong> best = sample.Best();
        if (best.Length < sample.Limit)
        {
            return null;
        }
        ulong least = ulong.MaxValue;
        foreach (ulong key in best)
        {
            least = Math.Min(least, key);
        }
        return MathF.BitDecrement(ScoreKey.Score(least));
    }
}
