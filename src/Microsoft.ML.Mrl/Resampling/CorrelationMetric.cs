namespace Microsoft.ML.Mrl.Resampling;

/// <summary>Pearson's or Spearman's correlation of a series at each dimension with one wanted series, on resamples of the rows.</summary>
/// <remarks>A row that was drawn t times is t rows with equal values.</remarks>
internal sealed class CorrelationMetric : ResampledMetric
{
    private readonly double[][] _series;
    private readonly double[] _wanted;

    // Null for Pearson's.
    private readonly ResampledRanks[]? _ranks;
    private readonly ResampledRanks? _wantedRanks;

    private CorrelationMetric(double[][] series, double[] wanted, bool byRank)
    {
        _series = series;
        _wanted = wanted;
        _ranks = byRank ? Array.ConvertAll(series, values => new ResampledRanks(values)) : null;
        _wantedRanks = byRank ? new ResampledRanks(wanted) : null;
    }

    public override int Rows => _wanted.Length;

    public override int Dimensions => _series.Length;

    /// <param name="series">The series, <c>[M][N]</c>.</param>
    /// <param name="wanted">The N values that they are compared with.</param>
    public static CorrelationMetric Spearman(double[][] series, double[] wanted) => new(series, wanted, byRank: true);

    /// <inheritdoc cref="Spearman"/>
    public static CorrelationMetric Pearson(double[][] series, double[] wanted) => new(series, wanted, byRank: false);

    public override void Score(ReadOnlySpan<float> times, Span<double> scores)
    {
        if (_ranks is null)
        {
            for (int i = 0; i < _series.Length; i++)
            {
                scores[i] = Correlate(_series[i], _wanted, times);
            }
            return;
        }
        var ranks = new double[Rows];
        var wantedRanks = new double[Rows];
        _wantedRanks!.Of(times, wantedRanks);
        for (int i = 0; i < _series.Length; i++)
        {
            _ranks[i].Of(times, ranks);
            scores[i] = Correlate(ranks, wantedRanks, times);
        }
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
}
