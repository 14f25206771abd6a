namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Computes correlations of two series. They are NaN if a series is constant or has fewer than two values.</summary>
internal static class Correlation
{
    /// <summary>Returns Pearson's r = Σ (x - x̄)(y - ȳ) / √(Σ (x - x̄)² Σ (y - ȳ)²), in [-1, 1].</summary>
    public static double Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (IsConstant(x) || IsConstant(y))
        {
            return double.NaN;
        }
        double xMean = Mean(x), yMean = Mean(y);
        double xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double dx = x[i] - xMean, dy = y[i] - yMean;
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        return Math.Clamp(xy / Math.Sqrt(xx) / Math.Sqrt(yy), -1, 1);
    }

    /// <summary>
    /// Ranks values from 1 in ascending order. Equal values share the mean of their ranks. Pearson's r of ranks is Spearman's ρ.
    /// </summary>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = [.. values];
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (int first = 0; first < sorted.Length;)
        {
            int last = first;
            while (last + 1 < sorted.Length && sorted[last + 1] == sorted[first])
            {
                last++;
            }
            for (int i = first; i <= last; i++)
            {
                ranks[order[i]] = 1 + ((first + last) / 2.0);
            }
            first = last + 1;
        }
        return ranks;
    }

    private static bool IsConstant(ReadOnlySpan<double> values) => values.Length < 2 || !values[1..].ContainsAnyExcept(values[0]);

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }
        return sum / values.Length;
    }
}
