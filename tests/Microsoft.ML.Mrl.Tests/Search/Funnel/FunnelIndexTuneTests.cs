using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Search.Quantized;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelIndexTuneTests
{
    private const int Width = 64;

    [Theory]
    [InlineData(0.8)]
    [InlineData(0.95)]
    [InlineData(1)]
    public void Tune_ReportsTheRecallThatItsPlanHasOnTheJudgingQueries(double recall)
    {
        float[] rows = Decaying(1, 3000), queries = Decaying(2, 200);
        using FunnelIndex index = FunnelIndex.Build(rows, Width, new FunnelIndexOptions { Widths = [8, 16, 32, 64] });

        FunnelTuning tuning = index.Tune(queries, 10, recall);

        float[] judges = [.. Enumerable.Range(0, 100).SelectMany(i => queries[(((2 * i) + 1) * Width)..(((2 * i) + 2) * Width)])];
        SearchHit[][] exact = index.SearchExactMany(judges, 10), found = index.SearchMany(judges, 10, tuning.Plan);
        Assert.Equal(exact.Zip(found, (e, f) => e.Select(h => h.Id).Intersect(f.Select(h => h.Id)).Count() / 10.0).Average(), tuning.Recall, 1e-12);
        Assert.Equal(100, tuning.JudgedQueries);
        Assert.True(tuning.RecallLowerBound < tuning.Recall);
        Assert.False(tuning.IsFullScan);
        Assert.InRange(tuning.BytesRead, 1, tuning.FullBytesRead - 1);
        Assert.True(tuning.Recall > recall - 0.03);
        Assert.Equal(tuning.ToString(), index.Tune(queries, 10, recall).ToString());
        Assert.Null(index.Plan);
        index.Plan = tuning.Plan;
        Assert.Equal(found, index.SearchMany(judges, 10));
    }

    [Fact]
    public void HigherRecall_CostsMore()
    {
        using FunnelIndex index = FunnelIndex.Build(Decaying(1, 3000), Width, new FunnelIndexOptions { Widths = [8, 16, 32, 64] });
        float[] queries = Decaying(2, 200);

        Assert.True(index.Tune(queries, 10, 0.7).BytesRead < index.Tune(queries, 10, 0.99).BytesRead);
    }

    [Fact]
    public void WherePrefixesSayNothing_ThePlanIsAFullScan()
    {
        // All that tells the rows apart is in the second half.
        float[] rows = SampleMatrices.Random(3, 2000, Width).Values.ToArray(), queries = SampleMatrices.Random(4, 60, Width).Values.ToArray();
        foreach (float[] vectors in new[] { rows, queries })
        {
            for (int i = 0; i < vectors.Length; i++)
            {
                vectors[i] = i % Width < Width / 2 ? 1e-3f : vectors[i];
            }
        }
        using FunnelIndex index = FunnelIndex.Build(rows, Width, new FunnelIndexOptions { Widths = [8, 32, 64] });

        FunnelTuning tuning = index.Tune(queries, 10, 0.99, longestList: 200);

        Assert.True(tuning.IsFullScan);
        Assert.Equal(1, tuning.Recall);
        Assert.Equal(tuning.FullBytesRead, tuning.BytesRead);
        Assert.StartsWith("No funnel", tuning.ToString(), StringComparison.Ordinal);
        Assert.Equal(index.SearchExactMany(queries, 10), index.SearchMany(queries, 10, tuning.Plan));
    }

    [Fact]
    public void ManyQueries_MakeSureOfThePlan()
    {
        using FunnelIndex index = FunnelIndex.Build(Decaying(1, 3000), Width, new FunnelIndexOptions { Widths = [8, 16, 32, 64] });
        float[] queries = Decaying(2, 2000);

        FunnelTuning tuning = index.Tune(queries, new FunnelTuningOptions { Recall = 0.9 });

        Assert.True(tuning.IsSure);
        Assert.False(tuning.IsFullScan);
        Assert.Equal(0, tuning.MoreQueries);
        Assert.InRange(tuning.RecallLowerBound, 0.9, tuning.Recall);
        Assert.Contains("surely reaches 90.00 %", tuning.ToString(), StringComparison.Ordinal);
        // More is asked of the sure plan than of one that goes by the mean, which is what few queries leave.
        Assert.True(tuning.BytesRead >= index.Tune(queries.AsSpan(0, 20 * Width), new FunnelTuningOptions { Recall = 0.5 }).BytesRead);
        // Queries that it has not seen find as much.
        float[] others = Decaying(5, 500);
        SearchHit[][] exact = index.SearchExactMany(others, 10), found = index.SearchMany(others, 10, tuning.Plan);
        Assert.True(exact.Zip(found, (e, f) => e.Select(h => h.Id).Intersect(f.Select(h => h.Id)).Count() / 10.0).Average() > 0.89);
    }

    [Fact]
    public void FewQueries_CannotMakeSure_AndTheTuningSaysHowManyWould()
    {
        using FunnelIndex index = FunnelIndex.Build(Decaying(1, 3000), Width, new FunnelIndexOptions { Widths = [8, 16, 32, 64] });

        FunnelTuning tuning = index.Tune(Decaying(2, 60), new FunnelTuningOptions { Recall = 0.97 });

        Assert.False(tuning.IsSure);
        Assert.True(tuning.RecallLowerBound < 0.97);
        Assert.Equal(tuning.Recall > 0.97, tuning.MoreQueries > 0);
        Assert.Contains(tuning.MoreQueries is { } more ? $"with about {more} more sample queries" : "97.00 %", tuning.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void MoreQueries_IsTheNumberAtWhichTheBoundIsEnough()
    {
        double[] shares = [.. Enumerable.Range(0, 100).Select(i => i % 20 == 7 ? 0.9 : 1)];
        var options = new FunnelTuningOptions { Recall = 0.99 };

        int more = FunnelTuner.MoreQueries(shares, options)!.Value;

        Assert.True(Bound(100 + (more / 2)) >= 0.99);
        Assert.True(Bound((int)((100 + (more / 2)) / 1.05)) < 0.99);
        Assert.Null(FunnelTuner.MoreQueries([.. shares.Select(s => s - 0.006)], options));
        Assert.Null(FunnelTuner.MoreQueries([1, 1, 1], new FunnelTuningOptions { Recall = 1 }));

        double Bound(int count) => BettingBound.Lower([.. Enumerable.Range(0, count).Select(i => shares[i % 100])], 0.95);
    }

    [Fact]
    public void TogetherListsWeighMore_AndPlansAreNoLessSure()
    {
        using FunnelIndex index = FunnelIndex.Build(Decaying(1, 20000), Width, new FunnelIndexOptions { Widths = [8, 16, 32, 64] });
        float[] queries = Decaying(2, 1000);
        var options = new FunnelTuningOptions { Recall = 0.9 };

        FunnelTuning alone = index.Tune(queries, options), together = index.Tune(queries, options with { Load = FunnelLoad.Together });

        Assert.True(alone.IsSure);
        Assert.True(together.IsSure);
        Assert.True(together.Plan.FirstWidth >= alone.Plan.FirstWidth);
        Assert.True(together.IsFullScan || together.Plan.ListLengths[0] <= alone.Plan.ListLengths[0] || together.Plan.FirstWidth > alone.Plan.FirstWidth);
    }

    [Fact]
    public void WhatMakesNoSense_IsRefused()
    {
        using FunnelIndex index = FunnelIndex.Build(Decaying(1, 100), Width);
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), 0));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), 5, 0));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), 5, 1.1));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), 5, double.NaN));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), 5, 0.9, longestList: 4));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 19), 5));
        Assert.Throws<ArgumentNullException>(() => index.Tune(Decaying(2, 30), null!));
        string all = Assert.Throws<ArgumentException>(() => index.Tune(
            Decaying(2, 30), new FunnelTuningOptions { K = 0, Recall = 0, Confidence = 1, LongestList = -1, Load = (FunnelLoad)7 })).Message;
        Assert.All(["K is 0", "Recall is 0", "Confidence is 1", "LongestList is -1", "Load is 7"], problem => Assert.Contains(problem, all, StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => new FunnelIndex(Width).Tune(Decaying(2, 30), 5));
        // More than there are rows: all of them are nearest.
        Assert.Equal(1, index.Tune(Decaying(2, 30), 500).Recall);
    }

    private static float[] Decaying(int seed, int count)
    {
        float[] values = SampleMatrices.Random(seed, count, Width).Values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] /= 1 + (i % Width);
        }
        return values;
    }
}
