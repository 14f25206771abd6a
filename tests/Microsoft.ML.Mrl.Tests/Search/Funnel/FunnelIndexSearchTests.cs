using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelIndexSearchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(40)]
    [InlineData(150)]
    [InlineData(300)]
    public void SearchExact_AgreesWithPlainLoops(int width)
    {
        EmbeddingMatrix rows = SampleMatrices.Awkward(1, 333, width), queries = SampleMatrices.Awkward(2, 21, width);
        using FunnelIndex index = FunnelIndex.Build(rows.Values.Span, width);

        SearchHit[][] found = index.SearchExactMany(queries.Values.Span, 20);

        for (int q = 0; q < queries.Count; q++)
        {
            double[] cosines = [.. Enumerable.Range(0, rows.Count).Select(row => SlowFunnel.Cosine(rows.Row(row), queries.Row(q), width))];
            double[] best = [.. cosines.OrderDescending().Take(20)];
            Assert.Equal(20, found[q].Select(hit => hit.Id).Distinct().Count());
            for (int i = 0; i < best.Length; i++)
            {
                Assert.Equal(best[i], found[q][i].Score, 1e-5);
                Assert.Equal(cosines[found[q][i].Id], found[q][i].Score, 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(EmbeddingType.Single, null)]
    [InlineData(EmbeddingType.Half, 48)]
    [InlineData(EmbeddingType.Int8, null)]
    [InlineData(EmbeddingType.Int8, 64)]
    public void WhatTheGraphFinds_HasTheScoresOfAnExactSearch_ToTheLastBit(EmbeddingType type, int? middle)
    {
        EmbeddingMatrix rows = SampleMatrices.Awkward(3, 1500, 100), queries = SampleMatrices.Awkward(4, 30, 100);
        using FunnelIndex index = FunnelIndex.Build(
            rows.Values.Span, 100, new FunnelIndexOptions { Plan = new FunnelPlan(32, type, 300, 400, middle, middle is null ? 0 : 150) });
        Assert.True(index.GraphBytes > 0);

        SearchHit[][] exact = index.SearchExactMany(queries.Values.Span, 1500), found = index.SearchMany(queries.Values.Span, 20);

        for (int q = 0; q < queries.Count; q++)
        {
            Assert.Equal(20, found[q].Length);
            Assert.All(found[q], hit => Assert.Contains(hit, exact[q]));
            Assert.Equal(found[q].OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Id), found[q]);
            Assert.Equal(found[q], index.Search(queries.Row(q), 20));
            Assert.Equal(exact[q], index.SearchExact(queries.Row(q), 1500));
        }
    }

    [Theory]
    [InlineData(16, EmbeddingType.Single)]
    [InlineData(32, EmbeddingType.Half)]
    [InlineData(64, EmbeddingType.Int8)]
    [InlineData(90, EmbeddingType.Int8)]
    public void Search_FindsNearlyAllThatTheFunnelOfPlainLoopsFinds(int prefix, EmbeddingType type)
    {
        EmbeddingMatrix rows = SampleMatrices.Random(5, 2000, 90), queries = SampleMatrices.Random(6, 50, 90);
        using FunnelIndex index = FunnelIndex.Build(
            rows.Values.Span, 90, new FunnelIndexOptions { Plan = new FunnelPlan(prefix, type, 60, 400) });

        SearchHit[][] found = index.SearchMany(queries.Values.Span, 10);

        int same = Enumerable.Range(0, queries.Count).Sum(
            q => SlowFunnel.Search(rows, queries.Row(q).ToArray(), [prefix, 90], [60], 10)
                .Count(row => found[q].Any(hit => hit.Id == row)));
        Assert.InRange(same, 0.97 * 10 * queries.Count, 10 * queries.Count);
    }

    [Fact]
    public void WhereTheGraphIsAskedForAllRows_AllAreCompared()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(5, 300, 20), queries = SampleMatrices.Random(6, 5, 20);
        using FunnelIndex index = FunnelIndex.Build(
            rows.Values.Span, 20, new FunnelIndexOptions { Plan = new FunnelPlan(4, EmbeddingType.Int8, 20) });

        Assert.Equal(index.SearchExactMany(queries.Values.Span, 300), index.SearchMany(queries.Values.Span, 300));
        Assert.Equal(index.SearchExactMany(queries.Values.Span, 300), index.SearchMany(queries.Values.Span, int.MaxValue));
    }

    [Fact]
    public void ManyRows_AreComparedAlike_ByAnyNumberOfThreads()
    {
        // Sorted along one direction, so that the parts differ.
        const int count = 50_000, width = 24;
        EmbeddingMatrix rows = SampleMatrices.Random(7, count, width), queries = SampleMatrices.Random(8, 9, width);
        float[] values = rows.Values.ToArray();
        float[] sorted = [
            .. Enumerable.Range(0, count).OrderBy(row => values[row * width])
            .SelectMany(row => values[(row * width)..((row + 1) * width)])];
        rows = new EmbeddingMatrix(sorted, count, width);
        using FunnelIndex index = FunnelIndex.Build(sorted, width);
        SearchHit[][] found = index.SearchExactMany(queries.Values.Span, 10);
        for (int q = 0; q < queries.Count; q++)
        {
            Assert.Equal(
                SlowFunnel.Search(rows, queries.Row(q).ToArray(), [width], [], 10).Select(id => (long)id), found[q].Select(hit => hit.Id));
        }

        foreach (int threads in new[] { 1, 2, 5, -1 })
        {
            index.MaxDegreeOfParallelism = threads;
            Assert.Equal(found, index.SearchExactMany(queries.Values.Span, 10));
            for (int q = 0; q < queries.Count; q++)
            {
                Assert.Equal(found[q], index.SearchExact(queries.Row(q), 10));
            }
        }
    }

    [Fact]
    public void AFilter_FindsWhatAnExactSearchOfThoseRowsFinds()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(21, 20_000, 32), queries = SampleMatrices.Random(22, 20, 32);
        using FunnelIndex index = FunnelIndex.Build(
            rows.Values.Span, 32, new FunnelIndexOptions { Plan = new FunnelPlan(32, EmbeddingType.Single, 100, 200) });
        foreach (int every in new[] { 1, 2, 30, 1000, 30_000 })
        {
            bool Passes(long id) => id % every == 0;
            int passing = (20_000 + every - 1) / every;

            SearchHit[][] found = index.SearchMany(queries.Values.Span, 10, Passes),
            exact = index.SearchExactMany(queries.Values.Span, 10, Passes);

            Assert.All(found, own => Assert.Equal(Math.Min(10, passing), own.Length));
            Assert.All(found, own => Assert.All(own, hit => Assert.True(Passes(hit.Id))));
            double recall = found.Zip(exact, (f, e) => e.Count(f.Contains) / (double)e.Length).Average();
            Assert.InRange(recall, passing < 1000 ? 1 : 0.97, 1);
            for (int q = 0; q < queries.Count; q++)
            {
                int[] best = [
                    .. Enumerable.Range(0, rows.Count).Where(row => Passes(row))
                    .OrderByDescending(row => SlowFunnel.Cosine(rows.Row(row), queries.Row(q), 32)).Take(10)];
                Assert.Equal(best.Select(row => (long)row), exact[q].Select(hit => hit.Id));
            }
        }
        Assert.Empty(index.Search(queries.Row(0), 10, _ => false));
        Assert.Throws<InvalidTimeZoneException>(() => index.Search(queries.Row(0), 10, _ => throw new InvalidTimeZoneException()));
        Assert.Throws<InvalidTimeZoneException>(() => index.SearchMany(queries.Values.Span, 10, _ => throw new InvalidTimeZoneException()));
    }

    [Fact]
    public void SmallCollections_AreComparedWhole_AndLargerOnesGetAGraph()
    {
        const int width = 512;
        using FunnelIndex index = FunnelIndex.Build(SampleMatrices.Random(23, 4096, width).Values.Span, width);
        EmbeddingMatrix queries = SampleMatrices.Random(24, 10, width);
        Assert.Equal(0, index.GraphBytes);
        Assert.Equal(index.SearchExactMany(queries.Values.Span, 10), index.SearchMany(queries.Values.Span, 10));

        index.Add(5000, queries.Row(0));

        Assert.True(index.GraphBytes > 0);
        Assert.Null(index.Plan);
        Assert.Equal(5000, index.Search(queries.Row(0), 10)[0].Id);
        index.SetPlan(FunnelPlan.Exact);
        Assert.Equal(0, index.GraphBytes);
        Assert.Same(FunnelPlan.Exact, index.Plan);
    }

    [Fact]
    public void Zeros_HaveCosineZero()
    {
        using var index = new FunnelIndex(4);
        index.Add([1, 2, 3, 4], [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, -1, 0, 0, 0]);

        SearchHit[] found = index.Search([1, 0, 1, 0], 4);

        Assert.Equal([2, 3, 1, 4], found.Select(hit => hit.Id));
        Assert.Equal(0, found[2].Score);
        Assert.Equal([1, 2, 3, 4], index.Search([0, 0, 0, 0], 4).Select(hit => hit.Id));
        Assert.All(index.SearchExact([0, 0, 0, 0], 4), hit => Assert.Equal(0, hit.Score));
    }

    [Fact]
    public void HugeAndTinyVectors_AreComparedByDirection()
    {
        using var index = new FunnelIndex(3);
        index.Add([1, 2, 3], [3e38f, 3e38f, 3e38f, 1e-40f, 1e-40f, 0, 1e-30f, 3e38f, 0]);

        SearchHit[] found = index.SearchExact([1e30f, 1e30f, 1e30f], 3);

        Assert.Equal([1, 2, 3], found.Select(hit => hit.Id));
        Assert.Equal(1, found[0].Score, 1e-6);
        Assert.Equal(Math.Sqrt(2.0 / 3), found[1].Score, 1e-4);
        Assert.Equal(Math.Sqrt(1.0 / 3), found[2].Score, 1e-6);
    }

    [Fact]
    public void EmptyIndexOneRowAndMoreThanThereAre()
    {
        using var index = new FunnelIndex(3);
        Assert.Empty(index.Search([1, 0, 0], 5));
        Assert.Empty(index.SearchExact([1, 0, 0], 5));
        Assert.Equal(5, index.SearchMany(new float[15], 5).Length);
        Assert.Empty(index.SearchMany([], 5));

        index.Add(42, [0, 2, 0]);

        Assert.Equal([new SearchHit(42, 1)], index.Search([0, 1, 0], 5));
        index.Remove(42);
        Assert.Empty(index.Search([0, 1, 0], 5));
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void DefaultPrefixes_DoubleUpToTheFullWidth()
    {
        Assert.Equal(new MatryoshkaDimensions(16, 32, 64, 100), new FunnelIndex(100).Prefixes);
        Assert.Equal(new MatryoshkaDimensions(5), new FunnelIndex(5).Prefixes);
        Assert.Equal(new MatryoshkaDimensions(4, 10), new FunnelIndex(10, new FunnelIndexOptions { Prefixes = [4] }).Prefixes);
    }

    [Fact]
    public void WhatMakesNoSense_IsRefusedWithWhatToDo()
    {
        using FunnelIndex index = FunnelIndex.Build(SampleMatrices.Random(1, 10, 8).Values.Span, 8);
        float[] query = new float[8];

        Refuses<ArgumentOutOfRangeException>(
            "Choose prefixes in 1..8", () => _ = new FunnelIndex(8, new FunnelIndexOptions { Prefixes = [4, 9] }));
        Refuses<ArgumentException>(
            "Choose 8 or fewer", () => _ = new FunnelIndex(8, new FunnelIndexOptions { Plan = new FunnelPlan(9, EmbeddingType.Int8, 5) }));
        Refuses<ArgumentException>("Choose 8 or fewer", () => index.SetPlan(new FunnelPlan(4, EmbeddingType.Int8, 5, 5, 9, 3)));
        Refuses<ArgumentOutOfRangeException>("1 or more", () => index.Search(query, 0));
        Refuses<ArgumentOutOfRangeException>("1 or more", () => index.SearchExact(query, 0));
        Refuses<ArgumentOutOfRangeException>("candidates", () => _ = new FunnelPlan(2, EmbeddingType.Int8, 0));
        Refuses<ArgumentOutOfRangeException>("dimensions", () => _ = new FunnelPlan(0, EmbeddingType.Int8, 4));
        Refuses<ArgumentException>("cannot store Binary", () => index.SetPlan(new FunnelPlan(2, EmbeddingType.Binary, 4)));
        Refuses<ArgumentOutOfRangeException>("There is no type 9", () => _ = new FunnelPlan(2, (EmbeddingType)9, 4));
        Refuses<ArgumentException>("from 1 to 3 candidates", () => _ = new FunnelPlan(2, EmbeddingType.Int8, 4, 4, 6, 4));
        Refuses<ArgumentException>("more than 2 values", () => _ = new FunnelPlan(2, EmbeddingType.Int8, 4, 4, 2, 3));
        Refuses<ArgumentException>("has 7 values; the index holds vectors of 8", () => index.Search(new float[7], 1));
        Refuses<ArgumentException>("not whole queries", () => index.SearchMany(new float[12], 1));
        Refuses<ArgumentException>("Vector 0 has NaN at 3", () => index.Search([0, 0, 0, float.NaN, 0, 0, 0, 0], 1));
        Refuses<ArgumentException>("at 1 (both", () => index.SearchExact([0, float.PositiveInfinity, 0, 0, 0, 0, 0, 0], 1));
        Refuses<ArgumentException>(
            "Vector 1 has -Infinity at 0",
            () => index.Add([100, 101], [0, 0, 0, 0, 0, 0, 0, 0, float.NegativeInfinity, 0, 0, 0, 0, 0, 0, 0]));
        Refuses<ArgumentException>("has 3 values", () => index.Add(100, new float[3]));
        Refuses<ArgumentException>("Found 2 ids for 8 values", () => index.Add([100, 101], query));
        Refuses<ArgumentException>("id 3: a row has it already", () => index.Add([100, 3], new float[16]));
        Refuses<ArgumentException>("id 100: a row has it already", () => index.Add([100, 100], new float[16]));
        Refuses<ArgumentOutOfRangeException>("threads", () => index.MaxDegreeOfParallelism = 0);
        // Nothing of what was refused is there.
        Assert.Equal(10, index.Count);
        Assert.False(index.Contains(100));
    }

    private static void Refuses<T>(string text, Action action)
        where T : Exception
        => Assert.Contains(text, Assert.Throws<T>(action).Message, StringComparison.Ordinal);
}
