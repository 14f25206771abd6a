using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Reports.Advice;

/// <summary>
/// Computes intervals of the share of the full width's metric that a dimension keeps, from resamples of the rows, drawn with replacement.
/// Both values are computed on the same resample, so that the difficulty of a row cancels: the paired <see cref="Bootstrap"/>.
/// </summary>
internal static class ShareBootstrap
{
    public const int MinResamples = 100;

    /// <summary>The minimum number of rows for intervals.</summary>
    public const int MinRows = 20;

    // Rows × dimensions × resamples: seconds, not minutes.
    private const long MaxWork = 1L << 32;

    /// <summary>Returns the number of resamples that are drawn, or 0 if even the fewest would take too long.</summary>
    public static int Affordable(ResampledMetric metric, int asked)
    {
        long most = MaxWork / ((long)metric.Rows * metric.Dimensions);
        return most < MinResamples ? 0 : (int)Math.Min(asked, most);
    }

    /// <summary>Returns the interval of each dimension's share of the largest one.</summary>
    /// <param name="metric">The metric; its last dimension is the full width.</param>
    /// <param name="resamples">The number of resamples to draw.</param>
    /// <param name="confidence">The confidence level, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resamples.</param>
    /// <returns>
    /// M intervals. Where the full width's metric is not above 0, a resample has no share and counts as the lowest: where more of them than
    /// the lower tail holds have none, the interval has no lower end.
    /// </returns>
    public static (double Low, double High)[] Intervals(ResampledMetric metric, int resamples, double confidence, int seed)
    {
        double[][] shares = [.. Enumerable.Range(0, metric.Dimensions).Select(_ => new double[resamples])];
        // Every resample has a seed of its own, so that the result does not depend on the number of threads.
        Parallel.For(
            0,
            resamples,
            () => (Times: new float[metric.Rows], Scores: new double[metric.Dimensions]),
            (r, _, room) =>
            {
                Bootstrap.Draw(new Random(SeedOf(seed, r)), room.Times);
                metric.Score(room.Times, room.Scores);
                double full = room.Scores[^1];
                for (int i = 0; i < shares.Length; i++)
                {
                    shares[i][r] = full > 0 ? room.Scores[i] / full : double.NaN;
                }
                return room;
            },
            _ => { });
        return Array.ConvertAll(shares, values => Middle(values, confidence));
    }

    private static (double Low, double High) Middle(double[] values, double confidence)
    {
        // NaN comes first.
        Array.Sort(values);
        return Bootstrap.Middle(values, (1 - confidence) / 2);
    }

    // Neighbouring seeds must not draw alike: the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
    private static int SeedOf(int seed, int resample)
    {
        ulong z = ((ulong)(uint)seed << 32) + (uint)resample + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return (int)(z ^ (z >> 31)) & int.MaxValue;
    }
}
