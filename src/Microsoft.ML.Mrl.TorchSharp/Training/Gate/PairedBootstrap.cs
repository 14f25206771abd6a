namespace Microsoft.ML.Mrl;

/// <summary>
/// How sure the difference of two systems' scores is: their difference on resamples of the same rows, drawn with replacement (Efron and Tibshirani 1993,
/// "An Introduction to the Bootstrap", ch. 13: percentile intervals).
/// </summary>
internal static class PairedBootstrap
{
    public const int Resamples = 1_000;

    /// <summary>Below so few units intervals say nothing.</summary>
    public const int FewestUnits = 20;

    // The 95 % in the middle.
    private const double Tail = 0.025;

    /// <summary>The 95 % interval of candidate − baseline at each dimension.</summary>
    /// <param name="candidate">The one system, N rows.</param>
    /// <param name="baseline">The other, on the same rows.</param>
    /// <param name="units">The unit of each of the N rows, from 0: the rows of a unit are drawn together.</param>
    /// <param name="random">Draws the resamples.</param>
    /// <returns>M intervals, NaN where fewer than half of the resamples have a score.</returns>
    public static (double Low, double High)[] Intervals(RowScores candidate, RowScores baseline, int[] units, Random random)
    {
        int count = units.Max() + 1;
        var drawn = new int[count];
        var times = new int[units.Length];
        var first = new double[candidate.Dimensions];
        var second = new double[candidate.Dimensions];
        double[][] differences = [.. first.Select(_ => new double[Resamples])];
        for (int r = 0; r < Resamples; r++)
        {
            Array.Clear(drawn);
            for (int i = 0; i < count; i++)
            {
                drawn[random.Next(count)]++;
            }
            for (int i = 0; i < times.Length; i++)
            {
                times[i] = drawn[units[i]];
            }
            candidate.Of(times, first);
            baseline.Of(times, second);
            for (int m = 0; m < differences.Length; m++)
            {
                differences[m][r] = first[m] - second[m];
            }
        }
        return Array.ConvertAll(differences, Middle);
    }

    private static (double Low, double High) Middle(double[] differences)
    {
        double[] sorted = [.. differences.Where(d => !double.IsNaN(d)).Order()];
        if (sorted.Length < differences.Length / 2)
        {
            return (double.NaN, double.NaN);
        }
        int tail = (int)(sorted.Length * Tail);
        return (sorted[tail], sorted[^(tail + 1)]);
    }
}
