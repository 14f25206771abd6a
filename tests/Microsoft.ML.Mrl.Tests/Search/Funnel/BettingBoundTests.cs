using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class BettingBoundTests
{
    [Fact]
    public void Bound_OfManyDraws_ExceedsTheMeanNoOftenerThanAllowed()
    {
        var random = new Random(8);
        foreach (double mean in (double[])[0.5, 0.9, 0.98])
        {
            int above = 0;
            for (int i = 0; i < 400; i++)
            {
                double[] values = [.. Enumerable.Range(0, 80).Select(_ => random.NextDouble() < mean ? 1.0 : 0)];
                above += BettingBound.Lower(values, 0.9) > mean ? 1 : 0;
            }
            // 10 % of 400 and three standard deviations.
            Assert.True(above <= 40 + 18, $"{above} of 400 at {mean}");
        }
    }

    [Fact]
    public void Bound_GetsNearTheMeanWithMoreValues()
    {
        double[] some = [.. Enumerable.Range(0, 2000).Select(i => i % 10 == 0 ? 0.5 : 1)];

        Assert.InRange(BettingBound.Lower(some, 0.95), 0.94, 0.95);
        Assert.InRange(BettingBound.Lower(some.AsSpan(0, 100), 0.95), 0.88, 0.94);
        double[] ones = [.. Enumerable.Repeat(1.0, 66)];
        Assert.True(BettingBound.Lower(ones, 0.95) >= 0.95);
        Assert.True(BettingBound.Lower(ones.AsSpan(0, 65), 0.95) < 0.95);
        Assert.InRange(BettingBound.Lower(new double[50], 0.95), 0, 1e-12);
    }

    [Fact]
    public void IsAbove_AgreesWithTheBound()
    {
        double[] some = [.. Enumerable.Range(0, 500).Select(i => i % 10 == 0 ? 0.5 : 1)];
        double low = BettingBound.Lower(some, 0.95);

        Assert.True(BettingBound.IsAbove(some, low - 1e-9, 0.95, some.Length));
        Assert.False(BettingBound.IsAbove(some, low + 1e-9, 0.95, some.Length));
        Assert.False(BettingBound.IsAbove(some, 1, 0.95, some.Length));
    }

    [Fact]
    public void IsAbove_OfTheFirstValues_StaysTrueWhateverFollows()
    {
        double[] some = [.. Enumerable.Range(0, 500).Select(i => i % 10 == 0 ? 0.5 : 1)];
        int enough = Enumerable.Range(1, 500).First(count => BettingBound.IsAbove(some.AsSpan(0, count), 0.9, 0.95, 500));
        double[] worse = [.. some.Take(enough), .. new double[500 - enough]];

        Assert.InRange(enough, 20, 400);
        Assert.All(
            Enumerable.Range(enough, 500 - enough), count => Assert.True(BettingBound.IsAbove(worse.AsSpan(0, count), 0.9, 0.95, 500)));
        Assert.True(BettingBound.Lower(worse, 0.95) >= 0.9);
    }
}
