using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Gate;

public class PairedBootstrapTests
{
    [Theory]
    [InlineData(100_000, 0.0250)]
    [InlineData(30, 0.0188)]
    [InlineData(10, 0.0085)]
    [InlineData(8, 0.0057)]
    public void TailOf_FewUnits_CutsOffLess(int units, double expected)
    {
        // Φ(−√(n/(n−1)) t), t from tables of Student's distribution: 1.960, 2.045, 2.262, 2.365.
        Assert.Equal(expected, PairedBootstrap.TailOf(units), 1.5e-4);
    }

    [Fact]
    public void Intervals_SystemsAlike_HoldZeroAboutAsOftenAsPromised()
    {
        var random = new Random(1);
        int missed = 0;
        const int Trials = 200;
        for (int trial = 0; trial < Trials; trial++)
        {
            ResampledMetric one = Rows(random, 40, 0), other = Rows(random, 40, 0);
            (double low, double high) = PairedBootstrap.Intervals(one, other, [.. Enumerable.Range(0, 40)], random).Dimensions[0];
            missed += low > 0 || high < 0 ? 1 : 0;
        }

        // 5 % of 200 are 10; 22 or more have a chance below 1 in 1,000, and so have none at all.
        Assert.InRange(missed, 1, 22);
    }

    [Fact]
    public void Intervals_OneSystemBetter_LieAroundTheDifferenceAndTheMeanIsNarrower()
    {
        var random = new Random(2);
        ResampledMetric better = Rows(random, 200, 0.5, dimensions: 8), other = Rows(random, 200, 0, dimensions: 8);

        BootstrapIntervals intervals = PairedBootstrap.Intervals(better, other, [.. Enumerable.Range(0, 200)], random);

        double[] differences = [.. better.Score().Zip(other.Score(), (b, o) => b - o)];
        Assert.All(intervals.Dimensions.Zip(differences), pair => Assert.InRange(pair.Second, pair.First.Low, pair.First.High));
        Assert.InRange(differences.Average(), intervals.Mean.Low, intervals.Mean.High);
        Assert.True(intervals.Mean.Low > 0);
        Assert.True(intervals.Mean.High - intervals.Mean.Low < intervals.Dimensions.Average(i => i.High - i.Low) / 2);
    }

    [Fact]
    public void Intervals_EveryRowFourTimesOver_AsWideAsForTheRowsOnceWhereCopiesAreOneUnit()
    {
        var random = new Random(3);
        double[] values = [.. Enumerable.Range(0, 50).Select(_ => (double)Synthetic.Gaussian(random))];
        int[] units = [.. Enumerable.Range(0, 200).Select(i => i / 4)];

        (double low, double high) = Interval(values, [.. Enumerable.Range(0, 50)]);
        (double lowOfUnits, double highOfUnits) = Interval([.. units.Select(u => values[u])], units);
        (double lowOfRows, double highOfRows) = Interval([.. units.Select(u => values[u])], [.. Enumerable.Range(0, 200)]);

        Assert.Equal((low, high), (lowOfUnits, highOfUnits));
        Assert.Equal(0.5, (highOfRows - lowOfRows) / (high - low), 0.15);

        static (double Low, double High) Interval(double[] values, int[] units) =>
            PairedBootstrap.Intervals(Of(values), Of(new double[values.Length]), units, new Random(4)).Dimensions[0];
    }

    [Fact]
    public void Intervals_NoDifferenceAnywhere_ZeroToZero()
    {
        ResampledMetric rows = Rows(new Random(5), 20, 1);

        BootstrapIntervals intervals = PairedBootstrap.Intervals(rows, rows, [.. Enumerable.Range(0, 20)], new Random(6));

        Assert.Equal((0, 0), intervals.Mean);
        Assert.Equal((0, 0), intervals.Dimensions[0]);
    }

    [Fact]
    public void Intervals_ScoresAreNoNumbers_NaN()
    {
        BootstrapIntervals intervals = PairedBootstrap.Intervals(
            Of([.. Enumerable.Repeat(double.NaN, 20)]), Of(new double[20]), [.. Enumerable.Range(0, 20)], new Random(7));

        Assert.True(double.IsNaN(intervals.Mean.Low) && double.IsNaN(intervals.Dimensions[0].High));
    }

    private static WeightedMeanMetric Of(double[] values)
    {
        var rows = new WeightedMeanMetric(1, values.Length);
        values.CopyTo(rows.At(0));
        return rows;
    }

    private static WeightedMeanMetric Rows(Random random, int count, double mean, int dimensions = 1)
    {
        var rows = new WeightedMeanMetric(dimensions, count);
        for (int m = 0; m < dimensions; m++)
        {
            foreach (ref double value in rows.At(m))
            {
                value = mean + Synthetic.Gaussian(random);
            }
        }
        return rows;
    }
}
