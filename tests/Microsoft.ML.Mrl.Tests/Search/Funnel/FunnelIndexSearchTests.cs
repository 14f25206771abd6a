using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelIndexSearchTests
{
    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(5, new[] { 1, 5 })]
    [InlineData(16, new[] { 16 })]
    [InlineData(40, new[] { 8, 20, 40 })]
    [InlineData(150, new[] { 140, 150 })]
    [InlineData(300, new[] { 16, 32, 64, 128, 256, 300 })]
    public void SearchExact_AgreesWithPlainLoops(int width, int[] widths)
    {
        EmbeddingMatrix rows = SampleMatrices.Awkward(1, 333, width), queries = SampleMatrices.Awkward(2, 21, width);
        using FunnelIndex index = FunnelIndex.Build(rows.Values.Span, width, new FunnelIndexOptions { Widths = new(widths) });

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
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(64)]
    [InlineData(100)]
    public void ListsOfAllRows_FindWhatAFullScanFinds_ToTheLastBit(int firstWidth)
    {
        EmbeddingMatrix rows = SampleMatrices.Awkward(3, 500, 100), queries = SampleMatrices.Awkward(4, 30, 100);
        using FunnelIndex index = FunnelIndex.Build(rows.Values.Span, 100, new FunnelIndexOptions { Widths = [16, 24, 64, 100] });
        var plan = firstWidth == 100 ? new FunnelPlan(100) : new FunnelPlan(firstWidth, 500);

        SearchHit[][] exact = index.SearchExactMany(queries.Values.Span, 500);

        Assert.Equal(exact, index.SearchMany(queries.Values.Span, 500, plan));
        for (int q = 0; q < queries.Count; q++)
        {
            Assert.Equal(exact[q], index.Search(queries.Row(q), 500, plan));
            Assert.Equal(exact[q], index.SearchExact(queries.Row(q), 500));
        }
    }

    [Theory]
    [InlineData(16, new[] { 60, 30, 12 })]
    [InlineData(16, new[] { 60, 60, 12 })]
    [InlineData(16, new[] { 30, 30, 30 })]
    [InlineData(16, new[] { 10, 10, 10 })]
    [InlineData(32, new[] { 50, 15 })]
    [InlineData(64, new[] { 11 })]
    public void Search_FindsWhatTheFunnelOfPlainLoopsFinds(int firstWidth, int[] lists)
    {
        int[] widths = [16, 32, 64, 90];
        EmbeddingMatrix rows = SampleMatrices.Random(5, 700, 90), queries = SampleMatrices.Random(6, 25, 90);
        using FunnelIndex index = FunnelIndex.Build(rows.Values.Span, 90, new FunnelIndexOptions { Widths = new(widths) });
        var plan = new FunnelPlan(firstWidth, lists);

        SearchHit[][] many = index.SearchMany(queries.Values.Span, 10, plan);

        for (int q = 0; q < queries.Count; q++)
        {
            int[] expected = SlowFunnel.Search(rows, queries.Row(q).ToArray(), [.. widths.Where(w => w >= firstWidth)], lists, 10);
            SearchHit[] found = index.Search(queries.Row(q), 10, plan);
            Assert.Equal(expected.Select(id => (long)id), found.Select(hit => hit.Id));
            Assert.Equal(found, many[q]);
            Assert.All(found, hit => Assert.Equal(SlowFunnel.Cosine(rows.Row((int)hit.Id), queries.Row(q), 90), hit.Score, 1e-5));
        }
    }

    [Fact]
    public void ManyRows_AreSearchedAlike_ByAnyNumberOfThreadsAndFromASample()
    {
        // Enough rows for parts and for a floor from a sample; sorted along one direction, so that the parts differ.
        const int count = 50_000, width = 24;
        EmbeddingMatrix rows = SampleMatrices.Random(7, count, width), queries = SampleMatrices.Random(8, 9, width);
        float[] values = rows.Values.ToArray();
        float[] sorted = [.. Enumerable.Range(0, count).OrderBy(row => values[row * width]).SelectMany(row => values[(row * width)..((row + 1) * width)])];
        rows = new EmbeddingMatrix(sorted, count, width);
        using FunnelIndex index = FunnelIndex.Build(sorted, width, new FunnelIndexOptions { Widths = [16, 24] });
        var plan = new FunnelPlan(16, 400);
        SearchHit[][] found = index.SearchMany(queries.Values.Span, 10, plan);
        for (int q = 0; q < queries.Count; q++)
        {
            Assert.Equal(SlowFunnel.Search(rows, queries.Row(q).ToArray(), [16, 24], [400], 10).Select(id => (long)id), found[q].Select(hit => hit.Id));
        }

        foreach (int threads in new[] { 1, 2, 5, -1 })
        {
            index.MaxDegreeOfParallelism = threads;
            Assert.Equal(found, index.SearchMany(queries.Values.Span, 10, plan));
            for (int q = 0; q < queries.Count; q++)
            {
                Assert.Equal(found[q], index.Search(queries.Row(q), 10, plan));
            }
        }
    }

    [Fact]
    public void ASampleThatMisleads_ChangesNothing()
    {
        // Only the sampled panels hold rows near the query: the floor that they suggest is above all others.
        const int count = 32 * 64 * 20, width = 16;
        float[] values = new float[count * width];
        for (int row = 0; row < count; row++)
        {
            bool isSampled = row / 32 % SampledFloor.Step == 0;
            values[row * width] = isSampled ? 1 : 0.5f;
            values[(row * width) + 1] = isSampled ? (row % 97) * 1e-3f : 1 + ((row % 89) * 1e-3f);
        }
        using FunnelIndex index = FunnelIndex.Build(values, width);
        float[] query = new float[width];
        query[0] = 1;
        int[] expected = SlowFunnel.Search(new EmbeddingMatrix(values, count, width), query, [16], [], 2000);
        double least = SlowFunnel.Cosine(values.AsSpan(expected[^1] * width, width), query, width);

        SearchHit[] found = index.SearchExact(query, 2000);

        Assert.Equal(2000, found.Length);
        Assert.All(found, hit => Assert.True(hit.Score >= least - 1e-6));
        Assert.Equal(found, index.SearchExactMany([.. query, .. query, .. query, .. query], 2000)[3]);
    }

    [Fact]
    public void EqualScores_GoToTheRowAddedEarlier()
    {
        EmbeddingMatrix one = SampleMatrices.Random(9, 1, 20);
        using var index = new FunnelIndex(20, new FunnelIndexOptions { Widths = [4, 20] });
        long[] ids = [50, 7, 99, -3, 12];
        foreach (long id in ids)
        {
            index.Add(id, one.Row(0));
        }

        Assert.Equal(ids.Take(3), index.Search(one.Row(0), 3).Select(hit => hit.Id));
        Assert.True(index.Remove(7));
        Assert.Equal([50, 99, -3], index.Search(one.Row(0), 3).Select(hit => hit.Id));
        index.Add(7, one.Row(0));
        Assert.Equal([50, 99, -3, 12, 7], index.Search(one.Row(0), 8).Select(hit => hit.Id));
    }

    [Fact]
    public void Zeros_HaveCosineZero()
    {
        using var index = new FunnelIndex(4, new FunnelIndexOptions { Widths = [2, 4] });
        index.Add([1, 2, 3, 4], [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, -1, 0, 0, 0]);

        SearchHit[] found = index.Search([1, 0, 1, 0], 4);

        // Row 2 is zeros at the first width and comes back where the list holds it.
        Assert.Equal([2, 3, 1, 4], found.Select(hit => hit.Id));
        Assert.Equal(0, found[2].Score);
        Assert.Equal([1, 2, 3, 4], index.Search([0, 0, 0, 0], 4).Select(hit => hit.Id));
        Assert.All(index.SearchExact([0, 0, 0, 0], 4), hit => Assert.Equal(0, hit.Score));
    }

    [Fact]
    public void HugeAndTinyVectors_AreComparedByDirection()
    {
        using var index = new FunnelIndex(3, new FunnelIndexOptions { Widths = [1, 2, 3] });
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
    public void DefaultWidths_DoubleUpToTheFullOne()
    {
        Assert.Equal(new MatryoshkaDimensions(16, 32, 64, 100), new FunnelIndex(100).Widths);
        Assert.Equal(new MatryoshkaDimensions(32, 64, 128, 256, 512, 768), new FunnelIndex(768).Widths);
        Assert.Equal(new MatryoshkaDimensions(5), new FunnelIndex(5).Widths);
        Assert.Equal(new MatryoshkaDimensions(4, 10), new FunnelIndex(10, new FunnelIndexOptions { Widths = [4] }).Widths);
    }

    [Fact]
    public void WhatMakesNoSense_IsRefusedWithWhatToDo()
    {
        using FunnelIndex index = FunnelIndex.Build(SampleMatrices.Random(1, 10, 8).Values.Span, 8, new FunnelIndexOptions { Widths = [2, 4, 8] });
        float[] query = new float[8];

        Refuses<ArgumentOutOfRangeException>("Choose widths in 1..8", () => _ = new FunnelIndex(8, new FunnelIndexOptions { Widths = [4, 9] }));
        Refuses<ArgumentOutOfRangeException>("1 or more", () => index.Search(query, 0));
        Refuses<ArgumentOutOfRangeException>("1 or more", () => index.SearchExact(query, 0));
        Refuses<ArgumentOutOfRangeException>("Choose 1 or more", () => _ = new FunnelPlan(2, 4, 0));
        Refuses<ArgumentOutOfRangeException>("prefix length", () => _ = new FunnelPlan(0, 4));
        Refuses<ArgumentException>("fall or stay", () => _ = new FunnelPlan(2, 4, 5));
        Refuses<ArgumentException>("the index has widths 2, 4, 8", () => index.Search(query, 1, new FunnelPlan(3, 4)));
        Refuses<ArgumentException>("has 2 widths above 2", () => index.Search(query, 1, new FunnelPlan(2, 4, 3, 2)));
        Refuses<ArgumentException>("Give none", () => index.Plan = new FunnelPlan(8, 4));
        Refuses<ArgumentOutOfRangeException>("Cannot find 4 rows: the plan 2 -> 8, 3 compares 3", () => index.Search(query, 4, new FunnelPlan(2, 8, 3)));
        Refuses<ArgumentException>("has 7 values; the index holds vectors of 8", () => index.Search(new float[7], 1));
        Refuses<ArgumentException>("not whole queries", () => index.SearchMany(new float[12], 1));
        Refuses<ArgumentException>("Vector 0 has NaN at 3", () => index.Search([0, 0, 0, float.NaN, 0, 0, 0, 0], 1));
        Refuses<ArgumentException>("at 1 (both", () => index.SearchExact([0, float.PositiveInfinity, 0, 0, 0, 0, 0, 0], 1));
        Refuses<ArgumentException>("Vector 1 has -Infinity at 0", () => index.Add([100, 101], [0, 0, 0, 0, 0, 0, 0, 0, float.NegativeInfinity, 0, 0, 0, 0, 0, 0, 0]));
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
