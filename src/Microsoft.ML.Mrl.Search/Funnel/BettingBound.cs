namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// A lower bound of the mean of values in [0, 1] that holds for any distribution and any number of values, not only for many: the betting
/// bound of Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting" (predictable plug-in bets, section
/// 4.2).
/// </summary>
/// <remarks>
/// A gambler bets against the mean being m: the capital is Π (1 + λ_t (x_t − m)), and λ_t knows the values before t alone. If the mean is m
/// or less, the capital grows 1 / α fold with a probability of at most α (Ville's inequality). The bound is the greatest m at which it did.
/// The intervals of a normal distribution or of a bootstrap are too narrow where most values are 1, as recalls are.
/// </remarks>
internal static class BettingBound
{
    // The largest part of the capital that may be lost in one bet.
    private const double MostAtStake = 0.9;

    /// <summary>The lower bound.</summary>
    /// <param name="values">The values, each in [0, 1], in an order that does not depend on them. At least one.</param>
    /// <param name="confidence">The confidence level 1 − α, above 0 and below 1.</param>
    public static double Lower(ReadOnlySpan<double> values, double confidence)
    {
        double[] bets = Bets(values, 1 - confidence, values.Length);
        double low = 0, high = 1;
        // The capital falls with m.
        for (int i = 0; i < 50; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = IsRefuted(values, bets, middle, 1 - confidence) ? (middle, high) : (low, middle);
        }
        return low;
    }

    /// <summary>Whether the lower bound of all values reaches a mean, as far as the first of them tell.</summary>
    /// <param name="values">The first values, as for the bound.</param>
    /// <param name="mean">The mean, above 0.</param>
    /// <param name="confidence">The confidence level.</param>
    /// <param name="count">How many values there are in all.</param>
    public static bool IsAbove(ReadOnlySpan<double> values, double mean, double confidence, int count)
        => IsRefuted(values, Bets(values, 1 - confidence, count), mean, 1 - confidence);

    private static bool IsRefuted(ReadOnlySpan<double> values, double[] bets, double mean, double alpha)
    {
        double capital = 0, wanted = Math.Log(1 / alpha);
        for (int i = 0; i < values.Length; i++)
        {
            capital += Math.Log(1 + (Math.Min(bets[i], MostAtStake / mean) * (values[i] - mean)));
            if (capital >= wanted)
            {
                return true;
            }
        }
        return false;
    }

    private static double[] Bets(ReadOnlySpan<double> values, double alpha, int count)
    {
        var bets = new double[values.Length];
        double sum = 0.5, squares = 0.25;
        for (int i = 0; i < values.Length; i++)
        {
            double variance = squares / (i + 1);
            bets[i] = Math.Sqrt(2 * Math.Log(1 / alpha) / (count * variance));
            sum += values[i];
            double mean = sum / (i + 2);
            squares += (values[i] - mean) * (values[i] - mean);
        }
        return bets;
    }
}
