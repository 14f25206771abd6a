using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>
/// How sure the difference of two systems' scores is: their difference on the same resamples of rows (<see cref="Bootstrap"/>), its
/// intervals widened for few rows as a t-interval is (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", section 5.3:
/// expanded percentiles), since resamples of few rows vary too little.
/// </summary>
internal static class PairedBootstrap
{
    public const int Resamples = 1_000;

    /// <summary>Below so few units intervals say nothing.</summary>
    public const int FewestUnits = 8;

    /// <summary>Fewer units, each trained on and held back in turn, are too dependent on each other for resamples to mean much.</summary>
    public const int FewestUnitsInTurn = 50;

    // The 97.5 % quantile of the normal distribution: the 95 % in the middle.
    private const double Normal = 1.959963984540054;

    /// <summary>The intervals of candidate − baseline: of 95 % at each dimension, and one in the mean over dimensions.</summary>
    /// <param name="candidate">The one system, N rows.</param>
    /// <param name="baseline">The other, on the same rows.</param>
    /// <param name="units">The unit of each of the N rows, from 0: the rows of a unit are drawn together.</param>
    /// <param name="random">Draws the resamples.</param>
    /// <param name="confidence">That of the interval in the mean, in per cent.</param>
    public static BootstrapIntervals Intervals(
        ResampledMetric candidate, ResampledMetric baseline, int[] units, Random random, double confidence = 95)
    {
        int count = units.Max() + 1;
        var drawn = new float[count];
        var times = new float[units.Length];
        var first = new double[candidate.Dimensions];
        var second = new double[candidate.Dimensions];
        double[][] differences = [.. first.Select(_ => new double[Resamples])];
        var means = new double[Resamples];
        for (int r = 0; r < Resamples; r++)
        {
            Bootstrap.Draw(random, drawn);
            for (int i = 0; i < times.Length; i++)
            {
                times[i] = drawn[units[i]];
            }
            candidate.Score(times, first);
            baseline.Score(times, second);
            for (int m = 0; m < differences.Length; m++)
            {
                differences[m][r] = first[m] - second[m];
                means[r] += differences[m][r] / differences.Length;
            }
        }
        double tail = TailOf(count);
        return new BootstrapIntervals(Array.ConvertAll(differences, values => Middle(values, tail)),
            Middle(means, tail * (100 - confidence) / 5));
    }

    /// <summary>A system's scores on resamples, <c>[resamples][M]</c>: those of two systems are paired where they are drawn
    /// alike.</summary>
    /// <param name="system">The system, N rows.</param>
    /// <param name="units">The unit of each of the N rows, from 0: the rows of a unit are drawn together.</param>
    /// <param name="random">Draws the resamples.</param>
    /// <param name="resamples">How many.</param>
    public static double[][] Scores(ResampledMetric system, int[] units, Random random, int resamples)
    {
        var drawn = new float[units.Max() + 1];
        var times = new float[units.Length];
        var scores = new double[resamples][];
        for (int r = 0; r < resamples; r++)
        {
            Bootstrap.Draw(random, drawn);
            for (int i = 0; i < times.Length; i++)
            {
                times[i] = drawn[units[i]];
            }
            system.Score(times, scores[r] = new double[system.Dimensions]);
        }
        return scores;
    }

    /// <summary>The standard error of candidate − baseline at each dimension, from their scores on the same resamples.</summary>
    public static double[] StandardErrors(double[][] candidate, double[][] baseline)
    {
        var errors = new double[candidate[0].Length];
        for (int m = 0; m < errors.Length; m++)
        {
            double[] differences = [.. candidate.Zip(baseline, (c, b) => c[m] - b[m])];
            double mean = differences.Average();
            errors[m] = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / differences.Length);
        }
        return errors;
    }

    /// <summary>
    /// The share to cut off at each end: Φ(−√(n/(n−1)) t), t the 97.5 % quantile of Student's distribution with n − 1 degrees of freedom by
    /// its expansion in 1/(n−1) (Abramowitz and Stegun 26.7.5). 0.025 for many units, less for few.
    /// </summary>
    public static double TailOf(int units)
    {
        double v = Math.Max(1, units - 1), z = Normal, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
        double t = z + (z3 + z) / (4 * v) + (5 * z5 + 16 * z3 + 3 * z) / (96 * v * v)
            + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * v * v * v);
        return LowerTail(t * Math.Sqrt(units / v));
    }

    /// <summary>Φ(−x) for x ≥ 0, to 1e-7 (Abramowitz and Stegun 26.2.17).</summary>
    private static double LowerTail(double x)
    {
        double k = 1 / (1 + 0.2316419 * x);
        double polynomial = k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
        return Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * polynomial;
    }

    private static (double Low, double High) Middle(double[] differences, double tail)
    {
        double[] sorted = [.. differences.Where(d => !double.IsNaN(d)).Order()];
        if (sorted.Length < differences.Length / 2)
        {
            return (double.NaN, double.NaN);
        }
        return Bootstrap.Middle(sorted, tail);
    }
}

/// <summary>95 % intervals of the difference of two systems' scores; NaN where fewer than half of the resamples have a score.</summary>
/// <param name="Dimensions">At each dimension.</param>
/// <param name="Mean">In the mean over all dimensions.</param>
internal sealed record BootstrapIntervals((double Low, double High)[] Dimensions, (double Low, double High) Mean);
