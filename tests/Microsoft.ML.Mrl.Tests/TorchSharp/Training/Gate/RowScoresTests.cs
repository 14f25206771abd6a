namespace Microsoft.ML.Mrl.Tests.Training;

/// <summary>Scores of resamples against the scores of data in which every row is there as often as it was drawn.</summary>
public class RowScoresTests
{
    private readonly Random _random = new(1);

    [Fact]
    public void MeanOfRows_Resample_WeightedMeanOfTheRowsDrawn()
    {
        var values = new RowValues(2, 5);
        for (int i = 0; i < 5; i++)
        {
            values.At(0)[i] = i;
            values.At(1)[i] = -i * i;
            values.Weights[i] = i == 3 ? 0 : 1 + i;
        }
        var scores = new double[2];

        new MeanOfRows(values).Of([2, 0, 1, 4, 0], scores);

        // Rows 0 twice with weight 1, row 2 once with weight 3; row 3 has no weight.
        Assert.Equal([(2 * 0 + 3 * 2) / 5.0, (2 * 0 + 3 * -4) / 5.0], scores);
    }

    [Fact]
    public void SpearmanOfRows_Resample_CorrelationOfTheRowsDrawn()
    {
        const int Rows = 30;
        double[][] cosines = [Numbers(Rows, 5), Numbers(Rows, 1000)];
        float[] wanted = [.. Numbers(Rows, 4).Select(v => (float)v)];
        var scores = new double[2];
        int[] times = [.. Enumerable.Range(0, Rows).Select(_ => _random.Next(4))];

        new SpearmanOfRows(cosines, wanted).Of(times, scores);

        int[] drawn = [.. Enumerable.Range(0, Rows).SelectMany(i => Enumerable.Repeat(i, times[i]))];
        for (int m = 0; m < 2; m++)
        {
            Assert.Equal(Pearson(Ranks([.. drawn.Select(i => cosines[m][i])]), Ranks([.. drawn.Select(i => (double)wanted[i])])), scores[m], 1e-9);
        }
    }

    [Fact]
    public void SpearmanOfRows_OneRowDrawn_NoScore()
    {
        var scores = new double[1];

        new SpearmanOfRows([[0.1, 0.2, 0.3]], [1, 2, 3]).Of([0, 3, 0], scores);

        Assert.True(double.IsNaN(scores[0]));
    }

    [Fact]
    public void WeightedRows_TwoParts_MeanByWeights()
    {
        var one = new RowValues(1, 2);
        var other = new RowValues(1, 2);
        one.At(0)[0] = 1;
        other.At(0)[1] = 1;
        var scores = new double[1];

        new WeightedRows([(new MeanOfRows(one), 3), (new MeanOfRows(other), 1)]).Of([4, 1], scores);

        Assert.Equal(0.75 * 0.8 + 0.25 * 0.2, scores[0], 1e-12);
        Assert.Equal([0.5], new WeightedRows([(new MeanOfRows(one), 3), (new MeanOfRows(other), 1)]).OfAll());
    }

    private double[] Numbers(int count, int values) => [.. Enumerable.Range(0, count).Select(_ => (double)_random.Next(values))];

    private static double[] Ranks(double[] values) => [.. values.Select(v => values.Count(o => o < v) + (values.Count(o => o == v) + 1) / 2.0)];

    private static double Pearson(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average();
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }
}
