namespace Microsoft.ML.Mrl.Resampling;

/// <summary>
/// Draws resamples of n units with replacement, and computes percentile intervals of what was measured on them (Efron and Tibshirani 1993,
/// "An Introduction to the Bootstrap", ch. 13).
/// </summary>
internal static class Bootstrap
{
    /// <summary>Draws a resample.</summary>
    /// <param name="random">Draws it.</param>
    /// <param name="times">Takes how often each of the n units is in it; n in sum.</param>
    public static void Draw(Random random, Span<float> times)
    {
        times.Clear();
        for (int i = 0; i < times.Length; i++)
        {
            times[random.Next(times.Length)]++;
        }
    }

    /// <summary>Returns the interval between the tails.</summary>
    /// <param name="sorted">The values of the resamples, ascending, at least one.</param>
    /// <param name="tail">The share to cut off at each end, below ½.</param>
    public static (double Low, double High) Middle(ReadOnlySpan<double> sorted, double tail)
    {
        int cut = (int)(sorted.Length * tail);
        return (sorted[cut], sorted[^(cut + 1)]);
    }
}
