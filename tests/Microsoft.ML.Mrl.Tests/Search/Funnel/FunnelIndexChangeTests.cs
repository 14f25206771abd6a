using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelIndexChangeTests
{
    [Fact]
    public void Remove_CompactsWhenMoreThanHalfOfTheRowsAreGone_NotWhen1024Are()
    {
        const int Rows = 4000, Width = 8;
        using FunnelIndex index = FunnelIndex.Build(SampleMatrices.Random(1, Rows, Width).Values.Span, Width);
        index.Remove(0);
        var allocated = new List<long>();
        for (int id = 1; id <= Rows / 2; id++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(index.Remove(id));
            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // Compacting takes a new list of ids at the least, and marking a row nothing.
        Assert.All(allocated[..^1], bytes => Assert.InRange(bytes, 0, Rows));
        Assert.InRange(allocated[^1], Rows / 2 * sizeof(long), long.MaxValue);
    }

    [Fact]
    public void Remove_OfMoreThanHalfOfFewRows_DoesNotCompact()
    {
        const int Rows = 2000, Width = 8;
        using FunnelIndex index = FunnelIndex.Build(SampleMatrices.Random(1, Rows, Width).Values.Span, Width);
        index.Remove(0);
        for (int id = 1; id < 1023; id++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(index.Remove(id));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Rows);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AfterManyChanges_AnIndexFindsWhatOneBuiltAnewFinds(bool hasGraph)
    {
        const int width = 20;
        var random = new Random(11);
        EmbeddingMatrix vectors = SampleMatrices.Awkward(12, 6000, width), queries = SampleMatrices.Random(13, 20, width);
        var options = new FunnelIndexOptions { Plan = hasGraph ? new FunnelPlan(16, EmbeddingType.Half, 120, 200) : null };
        using var index = new FunnelIndex(width, options);
        var rows = new List<long>();
        int next = 0;
        for (int round = 0; round < 12; round++)
        {
            if (round % 2 == 0)
            {
                for (int i = 0; i < 500; i++)
                {
                    index.Add(next, vectors.Row(next));
                    rows.Add(next++);
                }
            }
            else
            {
                index.Add([.. Enumerable.Range(next, 500).Select(id => (long)id)], vectors.Slice(next, 500).Values.Span);
                rows.AddRange(Enumerable.Range(next, 500).Select(id => (long)id));
                next += 500;
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

            using FunnelIndex anew = FunnelIndex.Build(
                [.. rows], [.. rows.SelectMany(id => vectors.Row((int)id).ToArray())], width, options);
            SearchHit[][] exact = anew.SearchExactMany(queries.Values.Span, 30), found = index.SearchMany(queries.Values.Span, 30);
            Assert.Equal(exact, index.SearchExactMany(queries.Values.Span, 30));
            Assert.All(found, own => Assert.Equal(30, own.Length));
            double recall = Recall(exact, found);
            Assert.InRange(recall, hasGraph ? Recall(exact, anew.SearchMany(queries.Values.Span, 30)) - 0.03 : 1, 1);
        }
        foreach (long id in rows)
        {
            index.Remove(id);
        }
        index.Compact();
        Assert.Empty(index.Search(queries.Row(0), 3));
        index.Add(1, vectors.Row(1));
        Assert.Equal(1, index.Count);
        Assert.Equal(1, index.Search(vectors.Row(1), 3)[0].Id);

        static double Recall(SearchHit[][] exact, SearchHit[][] found) => exact.Zip(found, (e, f) => e.Count(f.Contains) / (double)e.Length)
            .Average();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SearchesWhileRowsComeAndGo_SeeWholeRowsAndNeverLoseOneThatStays(bool hasGraph)
    {
        const int width = 32;
        EmbeddingMatrix vectors = SampleMatrices.Random(14, 4000, width);
        using var index = new FunnelIndex(
            width, new FunnelIndexOptions { Plan = hasGraph ? new FunnelPlan(16, EmbeddingType.Int8, 60, 100) : null });
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
            index.Add([.. Enumerable.Range(1, 2000).Select(id => (long)id)], vectors.Slice(1, 2000).Values.Span);
            for (int id = 2001; id < 4000; id++)
            {
                index.Add(id, vectors.Row(id));
            }
            for (int id = 1; id < 4000; id++)
            {
                Assert.True(index.Remove(id));
            }
            index.Compact();
            index.SetPlan(hasGraph ? new FunnelPlan(16 + round, EmbeddingType.Half, 60, 100) : null);
        }
        await stop.CancelAsync();
        await Task.WhenAll(searches);
        Assert.Equal(1, index.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ARemovedRow_IsNotFoundByALaterSearch(bool hasGraph)
    {
        EmbeddingMatrix vectors = SampleMatrices.Random(15, 100, 8);
        using FunnelIndex index = FunnelIndex.Build(
            vectors.Values.Span, 8, new FunnelIndexOptions { Plan = hasGraph ? new FunnelPlan(8, EmbeddingType.Single, 10, 50) : null });
        for (int id = 0; id < 100; id++)
        {
            Assert.Contains(index.Search(vectors.Row(id), 5), hit => hit.Id == id);
            index.Remove(id);
            Assert.DoesNotContain(index.Search(vectors.Row(id), 5), hit => hit.Id == id);
            Assert.DoesNotContain(index.Search(vectors.Row(id), 100), hit => hit.Id == id);
        }
    }

    [Fact]
    public void ABuildThatIsStopped_LeavesNothingBehind()
    {
        const int width = 64;
        EmbeddingMatrix vectors = SampleMatrices.Random(16, 6000, width);
        using var stop = new CancellationTokenSource();
        var options = new FunnelIndexOptions { Plan = new FunnelPlan(32, EmbeddingType.Single, 20) };
        var shares = new List<double>();
        var stopAtHalf = new Immediate(share =>
        {
            shares.Add(share);
            if (share > 0.5)
            {
                stop.Cancel();
            }
        });

        Assert.Throws<OperationCanceledException>(() => FunnelIndex.Build(vectors.Values.Span, width, options, stopAtHalf, stop.Token));

        Assert.InRange(shares[^1], 0.5, 0.99);
        Assert.Equal(shares.Order(), shares);
        using FunnelIndex index = FunnelIndex.Build(vectors.Slice(0, 1000).Values.Span, width, options);
        using var again = new CancellationTokenSource();
        long[] ids = [.. Enumerable.Range(1000, 5000).Select(id => (long)id)];
        Assert.Throws<OperationCanceledException>(
            () => index.Add(ids, vectors.Slice(1000, 5000).Values.Span, new Immediate(_ => again.Cancel()), again.Token));
        Assert.Throws<OperationCanceledException>(
            () => index.SetPlan(new FunnelPlan(16, EmbeddingType.Int8, 20), new Immediate(_ => again.Cancel()), again.Token));
        Assert.Equal(1000, index.Count);
        Assert.Equal(32, index.Plan!.Dimensions);
        Assert.All(
            index.SearchMany(vectors.Slice(1000, 50).Values.Span, 10), own => Assert.All(own, hit => Assert.InRange(hit.Id, 0, 999)));
        // What was taken back can be added after all.
        index.Add(ids, vectors.Slice(1000, 5000).Values.Span);
        Assert.Equal(3000, index.Search(vectors.Row(3000), 1)[0].Id);
    }

    [Fact]
    public void AGraphBuiltByOneThread_IsTheSameEveryTime()
    {
        EmbeddingMatrix vectors = SampleMatrices.Random(17, 3000, 24);
        var options = new FunnelIndexOptions { Plan = new FunnelPlan(16, EmbeddingType.Int8, 20), MaxDegreeOfParallelism = 1 };
        byte[][] saved = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using FunnelIndex index = FunnelIndex.Build(vectors.Values.Span, 24, options);
            var stream = new MemoryStream();
            index.Save(stream);
            return stream.ToArray();
        })];

        Assert.Equal(saved[0], saved[1]);
    }

    private sealed class Immediate(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
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
