namespace Microsoft.ML.Mrl;

/// <summary>Pearson's or Spearman's correlation of a series at each dimension with one wanted series, on resamples of the rows.</summary>
/// <remarks>
/// A row that was drawn t times is t rows with equal values, which share the mean of their ranks. The order of the values is found once; a
/// resample then ranks in one walk over it, without sorting.
/// </remarks>
internal sealed class CorrelationMetric : ResampledMetric
{
    private readonly double[][] _series;
    private readonly double[] _wanted;
    private readonly int[][]? _orders;
    private readonly int[]? _wantedOrder;

    private CorrelationMetric(double[][] series, double[] wanted, bool byRank)
    {
        _series = series;
        _wanted = wanted;
        _orders = byRank ? [.. series.Select(Order)] : null;
        _wantedOrder = byRank ? Order(wanted) : null;
    }

    public override int Rows => _wanted.Length;

    public override int Dimensions => _series.Length;

    /// <param name="series">The series, <c>[M][N]</c>.</param>
    /// <param name="wanted">What they are compared with, N values.</param>
    public static CorrelationMetric Spearman(double[][] series, double[] wanted) => new(series, wanted, byRank: true);

    /// <inheritdoc cref="Spearman"/>
    public static CorrelationMetric Pearson(double[][] series, double[] wanted) => new(series, wanted, byRank: false);

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        double[]? ranks = _orders is null ? null : new double[Rows];
        double[]? wantedRanks = _wantedOrder is null ? null : Ranks(_wanted, _wantedOrder, times, new double[Rows]);
        for (int i = 0; i < _series.Length; i++)
        {
            scores[i] = ranks is null
                ? Correlate(_series[i], _wanted, times)
                : Correlate(Ranks(_series[i], _orders![i], times, ranks), wantedRanks!, times);
        }
    }

    /// <summary>The rows of a resample are ranked from 1, equal values sharing the mean of their ranks; those not drawn get a rank that nothing uses.</summary>
    private static double[] Ranks(double[] values, int[] order, ReadOnlySpan<float> times, double[] ranks)
    {
        double before = 0;
        for (int first = 0; first < order.Length;)
        {
            double value = values[order[first]], drawn = 0;
            int end = first;
            while (end < order.Length && values[order[end]] == value)
            {
                drawn += times[order[end++]];
            }
            for (; first < end; first++)
            {
                ranks[order[first]] = before + ((drawn + 1) / 2);
            }
            before += drawn;
        }
        return ranks;
    }

    private static double Correlate(double[] x, double[] y, ReadOnlySpan<float> times)
    {
        double count = 0, xMean = 0, yMean = 0;
        for (int i = 0; i < x.Length; i++)
        {
            count += times[i];
            xMean += times[i] * x[i];
            yMean += times[i] * y[i];
        }
        xMean /= count;
        yMean /= count;
        double xx = 0, yy = 0, xy = 0;
        bool xVaries = false, yVaries = false;
        int drawn = -1;
        for (int i = 0; i < x.Length; i++)
        {
            if (times[i] == 0)
            {
                continue;
            }
            drawn = drawn < 0 ? i : drawn;
            xVaries |= x[i] != x[drawn];
            yVaries |= y[i] != y[drawn];
            double dx = x[i] - xMean, dy = y[i] - yMean;
            xx += times[i] * dx * dx;
            yy += times[i] * dy * dy;
            xy += times[i] * dx * dy;
        }
        return xVaries && yVaries ? Math.Clamp(xy / Math.Sqrt(xx) / Math.Sqrt(yy), -1, 1) : double.NaN;
    }

    private static int[] Order(double[] values)
    {
        double[] sorted = [.. values];
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, order);
        return order;
    }
}
