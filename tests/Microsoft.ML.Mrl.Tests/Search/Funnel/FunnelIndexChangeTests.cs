using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelIndexChangeTests
{
    [Fact]
    public void AfterManyChanges_AnIndexFindsWhatOneBuiltAnewFinds()
    {
        const int width = 20;
        var random = new Random(11);
        EmbeddingMatrix vectors = SampleMatrices.Awkward(12, 6000, width), queries = SampleMatrices.Random(13, 6, width);
        var options = new FunnelIndexOptions { Widths = [4, 20], Plan = new FunnelPlan(4, 64) };
        using var index = new FunnelIndex(width, options);
        var rows = new List<long>();
        int next = 0;
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 500; i++)
            {
                index.Add(next, vectors.Row(next));
                rows.Add(next++);
            }
            int removals = round % 3 == 2 ? rows.Count * 2 / 3 : 100;
            for (int i = 0; i < removals; i++)
            {
                int which = random.Next(rows.Count);
                Assert.True(index.Remove(rows[which]));
                Assert.False(index.Remove(rows[which]));
                rows.RemoveAt(which);
            }
            if (round == 5)
            {
                index.Compact();
            }
            Assert.Equal(rows.Count, index.Count);
            Assert.True(index.Contains(rows[^1]));

            using FunnelIndex anew = FunnelIndex.Build(rows.Select(id => (id, (ReadOnlyMemory<float>)vectors.Row((int)id).ToArray())), width, options);
            Assert.Equal(anew.SearchMany(queries.Values.Span, 30), index.SearchMany(queries.Values.Span, 30));
            Assert.Equal(anew.SearchExactMany(queries.Values.Span, 30), index.SearchExactMany(queries.Values.Span, 30));
        }
        foreach (long id in rows)
        {
            index.Remove(id);
        }
        index.Compact();
        Assert.Empty(index.Search(queries.Row(0), 3));
        index.Add(1, vectors.Row(1));
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public async Task SearchesWhileRowsComeAndGo_SeeWholeRowsAndNeverLoseOneThatStays()
    {
        const int width = 32;
        EmbeddingMatrix vectors = SampleMatrices.Random(14, 4000, width);
        using var index = new FunnelIndex(width, new FunnelIndexOptions { Widths = [16, 32] });
        index.Add(0, vectors.Row(0));
        using var stop = new CancellationTokenSource();
        Task[] searches = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            int count = 0;
            for (; !stop.IsCancellationRequested || count == 0; count++)
            {
                SearchHit[] found = index.Search(vectors.Row(0), 50);
                Assert.Equal(new SearchHit(0, found[0].Score), found[0]);
                Assert.Equal(1, found[0].Score, 1e-5);
                foreach (SearchHit hit in found)
                {
                    Assert.Equal(SlowFunnel.Cosine(vectors.Row((int)hit.Id), vectors.Row(0), width), hit.Score, 1e-5);
                }
            }
        }))];
        for (int round = 0; round < 3; round++)
        {
            for (int id = 1; id < 4000; id++)
            {
                index.Add(id, vectors.Row(id));
            }
            for (int id = 1; id < 4000; id++)
            {
                Assert.True(index.Remove(id));
            }
            index.Compact();
        }
        await stop.CancelAsync();
        await Task.WhenAll(searches);
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void ARemovedRow_IsNotFoundByALaterSearch()
    {
        EmbeddingMatrix vectors = SampleMatrices.Random(15, 100, 8);
        using FunnelIndex index = FunnelIndex.Build(vectors.Values.Span, 8, new FunnelIndexOptions { Widths = [2, 8] });
        for (int id = 0; id < 100; id++)
        {
            Assert.Contains(index.Search(vectors.Row(id), 100), hit => hit.Id == id);
            index.Remove(id);
            Assert.DoesNotContain(index.Search(vectors.Row(id), 100), hit => hit.Id == id);
        }
    }

    [Fact]
    public void AfterDispose_EverythingFails()
    {
        var index = new FunnelIndex(2);
        index.Add(1, [1, 2]);
        index.Dispose();
        index.Dispose();

        Assert.Throws<ObjectDisposedException>(() => index.Search([1, 2], 1));
        Assert.Throws<ObjectDisposedException>(() => index.Add(2, [1, 2]));
        Assert.Throws<ObjectDisposedException>(() => index.Remove(1));
        Assert.Throws<ObjectDisposedException>(() => index.Contains(1));
        Assert.Throws<ObjectDisposedException>(() => index.Save(Stream.Null));
    }
}
