using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Reports.Advice;

public sealed class ShareBootstrapTests
{
    [Fact]
    public void Intervals_ManyRows_AreThoseOfTheDeltaMethod()
    {
        // Of the rows that the full width gets right, the prefix gets 90 %, and it gets nothing else: the share is a mean over those rows
        // alone.
        var random = new Random(1);
        float[] full = [.. Enumerable.Range(0, 4000).Select(_ => random.Next(10) < 8 ? 1f : 0)];
        float[] prefix = [.. full.Select(right => right == 1 && random.Next(10) < 9 ? 1f : 0)];
        double share = prefix.Sum() / full.Sum();
        double deviation = Math.Sqrt(share * (1 - share) / full.Sum());

        (double Low, double High)[] intervals = ShareBootstrap.Intervals(new MeanMetric([prefix, full]), 4000, 0.95, seed: 1);

        Assert.Equal(share - (1.96 * deviation), intervals[0].Low, 0.15 * deviation);
        Assert.Equal(share + (1.96 * deviation), intervals[0].High, 0.15 * deviation);
        Assert.Equal((1, 1), intervals[1]);
        (double low, double high) = ShareBootstrap.Intervals(new MeanMetric([prefix, full]), 4000, 0.5, seed: 1)[0];
        Assert.Equal(share - (0.674 * deviation), low, 0.15 * deviation);
        Assert.Equal(share + (0.674 * deviation), high, 0.15 * deviation);
    }

    [Fact]
    public void Intervals_SameSeed_AreTheSameOnAnyNumberOfThreads()
    {
        var random = new Random(2);
        var metric = new MeanMetric(
            [[.. Enumerable.Range(0, 50).Select(_ => random.NextSingle())], [.. Enumerable.Range(0, 50).Select(_ => random.NextSingle())]]);
        (double Low, double High)[] first = ShareBootstrap.Intervals(metric, 200, 0.9, seed: 5);
        Assert.Equal(first, ShareBootstrap.Intervals(metric, 200, 0.9, seed: 5));
        Assert.NotEqual(first, ShareBootstrap.Intervals(metric, 200, 0.9, seed: 6));
    }

    [Fact]
    public void Intervals_FullWidthOftenZero_HaveNoLowerEnd()
    {
        float[] full = new float[40];
        full[0] = 1;
        (double low, double high) = ShareBootstrap.Intervals(new MeanMetric([full, full]), 200, 0.95, seed: 1)[0];
        Assert.True(double.IsNaN(low));
        Assert.Equal(1, high);
    }

    [Theory]
    [InlineData(1_000, 10, 1_000)]
    [InlineData(1_000_000, 8, 536)]
    [InlineData(50_000_000, 1, 0)]
    public void Affordable_ManyRows_BoundsTheWork(int rows, int dimensions, int expected)
        => Assert.Equal(expected, ShareBootstrap.Affordable(new Sized(rows, dimensions), 1_000));

    private sealed class Sized(int rows, int dimensions) : ResampledMetric
    {
        public override int Rows => rows;

        public override int Dimensions => dimensions;

        public override void Score(ReadOnlySpan<float> times, Span<double> scores) => throw new NotSupportedException();
    }
}
