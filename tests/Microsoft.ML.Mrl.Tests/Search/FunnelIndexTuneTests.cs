using Microsoft.ML.Mrl.Tests.Evaluation;

namespace Microsoft.ML.Mrl.Tests.Search;

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
        FunnelHit[][] exact = index.SearchExactMany(judges, 10), found = index.SearchMany(judges, 10, tuning.Plan);
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
        float[] rows = Vectors.Random(3, 2000, Width).Values.ToArray(), queries = Vectors.Random(4, 60, Width).Values.ToArray();
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
    public void LowerBound_IsWilsons()
    {
        // statsmodels proportion_confint(90, 100, alpha=0.1, method="wilson") = (0.8388, 0.9395).
        Assert.Equal(0.8388, FunnelTuner.Wilson(0.9, 100), 1e-3);
        Assert.Equal(500 / (500 + 2.7055), FunnelTuner.Wilson(1, 500), 1e-4);
        Assert.Equal(0, FunnelTuner.Wilson(0, 50), 1e-12);
    }

    [Fact]
    public void WhatMakesNoSense_IsRefused()
    {
        using FunnelIndex index = FunnelIndex.Build(Decaying(1, 100), Width);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Tune(Decaying(2, 30), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Tune(Decaying(2, 30), 5, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Tune(Decaying(2, 30), 5, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Tune(Decaying(2, 30), 5, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Tune(Decaying(2, 30), 5, 0.9, longestList: 4));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 19), 5));
        Assert.Throws<InvalidOperationException>(() => new FunnelIndex(Width).Tune(Decaying(2, 30), 5));
        // More than there are rows: all of them are nearest.
        Assert.Equal(1, index.Tune(Decaying(2, 30), 500).Recall);
    }

    private static float[] Decaying(int seed, int count)
    {
        float[] values = Vectors.Random(seed, count, Width).Values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] /= 1 + (i % Width);
        }
        return values;
    }
}
