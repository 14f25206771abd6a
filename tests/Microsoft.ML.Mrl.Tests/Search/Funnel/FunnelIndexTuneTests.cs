using Microsoft.ML.Mrl.Search.Funnel;
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
        float[] queries = Decaying(2, 200);
        // So many that an exact search is dearer than a graph that finds all.
        using FunnelIndex index = Graphless(recall == 1 ? 40_000 : 20_000);

        FunnelTuning tuning = index.Tune(queries, new FunnelTuningOptions { Recall = recall });

        float[] judges = [.. Enumerable.Range(0, 100).SelectMany(i => queries[(((2 * i) + 1) * Width)..(((2 * i) + 2) * Width)])];
        SearchHit[][] exact = index.SearchExactMany(judges, 10), found = index.SearchMany(judges, 10);
        Assert.Equal(
            exact.Zip(found, (e, f) => e.Select(h => h.Id).Intersect(f.Select(h => h.Id)).Count() / 10.0).Average(), tuning.Recall, 1e-12);
        Assert.Equal(100, tuning.JudgedQueries);
        Assert.True(tuning.RecallLowerBound < tuning.Recall);
        Assert.False(tuning.Plan.IsExact);
        Assert.True(tuning.Recall > recall - 0.03);
        Assert.Same(tuning.Plan, index.Plan);
        Assert.True(index.GraphBytes > 0);
        // The graph is there now: the same again.
        Assert.Equal(tuning.ToString(), index.Tune(queries, new FunnelTuningOptions { Recall = recall }).ToString());
    }

    [Fact]
    public void HigherRecall_CostsMore()
    {
        using FunnelIndex index = Graphless(20_000);
        float[] queries = Decaying(2, 200);

        Assert.True(CostAt(0.7) < CostAt(0.99));

        double CostAt(double recall) => FunnelTuner.Cost(index.Tune(queries, new FunnelTuningOptions { Recall = recall }).Plan, Width);
    }

    [Fact]
    public void WherePrefixesSayNothing_TheGraphIsOverAllValues()
    {
        using FunnelIndex index = FunnelIndex.Build(
            Late(3, 20_000), Width, new FunnelIndexOptions { Plan = FunnelPlan.Exact, Prefixes = [8, 32, 64] });

        Assert.Equal(64, index.Tune(Late(4, 60), new FunnelTuningOptions { Recall = 0.9 }).Plan.Dimensions);
    }

    [Fact]
    public void WhereNoGraphIsCheaper_ThePlanIsAnExactSearch()
    {
        using FunnelIndex index = FunnelIndex.Build(Late(3, 500), Width);
        float[] queries = Late(4, 60);

        FunnelTuning tuning = index.Tune(queries);

        Assert.True(tuning.Plan.IsExact);
        Assert.Equal(1, tuning.Recall);
        Assert.True(tuning.IsSure);
        Assert.StartsWith("No graph", tuning.ToString(), StringComparison.Ordinal);
        Assert.Equal(index.SearchExactMany(queries, 10), index.SearchMany(queries, 10));
    }

    [Fact]
    public void ManyQueries_MakeSureOfThePlan()
    {
        using FunnelIndex index = Graphless(20_000);
        float[] queries = Decaying(2, 2000);

        FunnelTuning tuning = index.Tune(queries, new FunnelTuningOptions { Recall = 0.9 });

        Assert.True(tuning.IsSure);
        Assert.False(tuning.Plan.IsExact);
        Assert.Equal(0, tuning.MoreQueries);
        Assert.InRange(tuning.RecallLowerBound, 0.9, tuning.Recall);
        Assert.Contains("surely reaches 90.00 %", tuning.ToString(), StringComparison.Ordinal);
        // Queries that it has not seen find as much.
        float[] others = Decaying(5, 500);
        SearchHit[][] exact = index.SearchExactMany(others, 10), found = index.SearchMany(others, 10);
        Assert.True(exact.Zip(found, (e, f) => e.Select(h => h.Id).Intersect(f.Select(h => h.Id)).Count() / 10.0).Average() > 0.89);
        // More is asked of the sure plan than of one that goes by the mean, which is what few queries leave.
        double sure = FunnelTuner.Cost(tuning.Plan, Width);
        Assert.True(
            sure >= FunnelTuner.Cost(index.Tune(queries.AsSpan(0, 20 * Width), new FunnelTuningOptions { Recall = 0.5 }).Plan, Width));
    }

    [Fact]
    public void FewQueries_CannotMakeSure_AndTheTuningSaysHowManyWould()
    {
        using FunnelIndex index = Graphless(20_000);

        FunnelTuning tuning = index.Tune(Decaying(2, 60), new FunnelTuningOptions { Recall = 0.97 });

        Assert.False(tuning.IsSure);
        Assert.True(tuning.RecallLowerBound < 0.97);
        Assert.Equal(tuning.Recall > 0.97 + 1e-9, tuning.MoreQueries > 0);
        Assert.Contains(
            tuning.MoreQueries is { } more ? $"with about {more} more sample queries" : "97.00 %", tuning.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void PrefixRanks_AreThoseOfPlainLoops()
    {
        float[] rows = Decaying(6, 300), queries = Decaying(7, 9);
        using FunnelIndex index = FunnelIndex.Build(rows, Width);
        var snapshot = new FunnelSnapshot(Store(rows), 300, null);
        int[][] nearest = [.. Enumerable.Range(0, 9).Select(q => Enumerable.Range(0, 4).Select(i => ((7 * q) + (31 * i)) % 300).ToArray())];

        int[] all = PrefixRanks.Distinct(snapshot, -1);
        Assert.Equal(Enumerable.Range(0, 300), all);

        int[][] ranks = PrefixRanks.Count(
            snapshot, all, queries, nearest, [8, 32], EmbeddingType.Single, -1,
            TestContext.Current.CancellationToken);
        int[][] rounded = [.. new[] { 8, 32 }.Select(width => PrefixRanks.Count(
            snapshot, all, queries, nearest, [width], EmbeddingType.Int8, -1, TestContext.Current.CancellationToken)[0])];

        for (int m = 0; m < 2; m++)
        {
            int width = m == 0 ? 8 : 32;
            for (int q = 0; q < 9; q++)
            {
                double[] cosines = [
                    .. Enumerable.Range(0, 300)
                    .Select(row => SlowFunnel.Cosine(rows.AsSpan(row * Width), queries.AsSpan(q * Width), width))];
                for (int i = 0; i < 4; i++)
                {
                    int slow = cosines.Count(cosine => cosine > cosines[nearest[q][i]] - 1e-6);
                    Assert.InRange(ranks[m][(q * 4) + i], slow - 1, slow + 1);
                    Assert.InRange(rounded[m][(q * 4) + i], slow - 8, slow + 8);
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ExactSearch_FindsTheSame_WhereItLeavesRowsByTheirHeads(bool decays)
    {
        float[] rows = decays ? Decaying(8, 5003) : Late(8, 5003), queries = decays ? Decaying(9, 70) : Late(9, 70);
        var snapshot = new FunnelSnapshot(Store(rows), 5003, null);

        TopKeys[] whole = ExactSearch.Run(snapshot, queries, 10, null, -1), left = ExactSearch.Run(snapshot, queries, 10, null, -1, 16);

        Assert.All(whole.Zip(left), pair => Assert.Equal(pair.First.Ranked().ToArray(), pair.Second.Ranked().ToArray()));
    }

    [Fact]
    public void MoreQueries_IsAboutTheNumberAtWhichTheBoundIsEnough()
    {
        double[] shares = [.. Enumerable.Range(0, 100).Select(i => i % 20 == 7 ? 0.9 : 1)];
        var plan = new FunnelPlan(8, EmbeddingType.Int8, 10);
        PlanChoice Choice(double recall) => new(new FunnelTuningOptions { Recall = recall }, _ => 1);

        int more = Choice(0.99).Result(plan, shares).MoreQueries!.Value;

        // Of 1,024 queries half judge, and of others all but 512.
        int judges = Math.Max((200 + more) / 2, 200 + more - 512);
        Assert.True(Bound(judges) >= 0.99);
        Assert.True(Bound((int)(judges / 1.12)) < 0.99);
        Assert.Null(Choice(0.995).Result(plan, shares).MoreQueries);
        Assert.Null(Choice(1).Result(plan, [1, 1, 1]).MoreQueries);
        Assert.Equal(0, Choice(0.5).Result(plan, shares).MoreQueries);

        double Bound(int count) => BettingBound.Lower([.. Enumerable.Range(0, count).Select(i => shares[i % 100])], 0.95);
    }

    [Fact]
    public void WhatMakesNoSense_IsRefused()
    {
        using FunnelIndex index = FunnelIndex.Build(Decaying(1, 100), Width);
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 19)));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), new FunnelTuningOptions { Recall = double.NaN }));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), new FunnelTuningOptions { Recall = 1.1 }));
        Assert.Throws<ArgumentException>(() => index.Tune(Decaying(2, 30), new FunnelTuningOptions { Top = 5, MaxCandidates = 4 }));
        string all = Assert.Throws<ArgumentException>(() => index.Tune(
            Decaying(2, 30), new FunnelTuningOptions { Top = 0, Recall = 0, Confidence = 1, MaxCandidates = -1 })).Message;
        Assert.All(
            ["Top is 0", "Recall is 0", "Confidence is 1", "MaxCandidates is -1"],
            problem => Assert.Contains(problem, all, StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => new FunnelIndex(Width).Tune(Decaying(2, 30)));
        // More than there are rows: all of them are nearest.
        Assert.Equal(1, index.Tune(Decaying(2, 30), new FunnelTuningOptions { Top = 500 }).Recall);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => index.Tune(Decaying(2, 30), cancellationToken: stopped.Token));
    }

    private static FunnelIndex Graphless(int rows)
        => FunnelIndex.Build(Decaying(1, rows), Width, new FunnelIndexOptions { Plan = FunnelPlan.Exact, Prefixes = [8, 16, 32, 64] });

    private static MemoryRows Store(float[] rows)
        => new MemoryRows(Width)
            .Append(0, new long[rows.Length / Width], (row, target) => RowStore.Normalize(rows.AsSpan(row * Width, Width), target));

    // All that tells the rows apart is in the second half.
    private static float[] Late(int seed, int count)
    {
        float[] values = SampleMatrices.Random(seed, count, Width).Values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i % Width < Width / 2 ? 1e-3f : values[i];
        }
        return values;
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
