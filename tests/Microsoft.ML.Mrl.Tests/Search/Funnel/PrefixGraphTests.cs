using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class PrefixGraphTests
{
    [Fact]
    public void ZerosAndDuplicatesInAGraph_AreFoundLikeOthers()
    {
        const int count = 3000, width = 24;
        float[] values = SampleMatrices.Random(25, count, width).Values.ToArray();
        for (int row = 0; row < count; row++)
        {
            // A third are one vector again and again, some are zeros, and some have zeros in the prefix alone.
            Span<float> own = values.AsSpan(row * width, width);
            if (row % 3 == 1)
            {
                values.AsSpan(width, width).CopyTo(own);
            }
            own[..(row % 300 == 0 ? width : row % 300 == 3 ? 8 : 0)].Clear();
        }
        using FunnelIndex index = FunnelIndex.Build(
            values, width, new FunnelIndexOptions { Plan = new FunnelPlan(8, EmbeddingType.Int8, 100, 300) });

        // Rows whose prefix is zeros find themselves, and a query of zeros finds the first rows.
        Assert.Equal(3, index.Search(values.AsSpan(3 * width, width), 5)[0].Id);
        Assert.Equal(903, index.Search(values.AsSpan(903 * width, width), 5)[0].Id);
        Assert.Equal([0, 1, 2], index.Search(new float[width], 3).Select(hit => hit.Id));
        Assert.All(index.Search(values.AsSpan(width, width), 10), hit => Assert.Equal(1, hit.Id % 3));
        Assert.All(index.Search(values.AsSpan(width, width), 10), hit => Assert.Equal(1, hit.Score, 1e-5));
        int selves = Enumerable.Range(0, count).Where(row => row % 3 == 2)
            .Count(row => index.Search(values.AsSpan(row * width, width), 1)[0].Id == row);
        // Which few do not depends on the threads that built the graph.
        Assert.InRange(selves, 990, 1000);
        Assert.All(Enumerable.Range(0, count), row => Assert.Single(index.SearchExact(values.AsSpan(row * width, width), 1)));
    }

    [Theory]
    [InlineData(EmbeddingType.Int8)]
    [InlineData(EmbeddingType.Half)]
    [InlineData(EmbeddingType.Single)]
    public void VectorsThatDifferByRounding_HideNoOthers(EmbeddingType type)
    {
        // A third of the rows are one vector, but for a few units of the last place.
        const int count = 6000, width = 48;
        float[] values = SampleMatrices.Random(41, count, width).Values.ToArray();
        var random = new Random(42);
        for (int row = 4; row < count; row += 3)
        {
            for (int c = 0; c < width; c++)
            {
                values[(row * width) + c] = values[width + c] * (1 + (1e-7f * (random.NextSingle() - 0.5f)));
            }
        }
        using FunnelIndex index = FunnelIndex.Build(values, width, new FunnelIndexOptions { Plan = new FunnelPlan(32, type, 60, 120) });

        int selves = Enumerable.Range(0, count).Where(row => row % 3 != 1)
            .Count(row => index.Search(values.AsSpan(row * width, width), 1)[0].Id == row);

        Assert.InRange(selves, 3995, 4000);
        Assert.All(
            index.Search(values.AsSpan(width, width), 50),
            hit => Assert.Equal((1, 1), (hit.Id % 3, hit.Score), (x, y) => x.Item1 == y.Item1 && Math.Abs(x.Item2 - y.Item2) < 1e-5));
    }

    [Fact]
    public void RowsWithTheSameVector_ComeInOrder_WhicheverOfThemAreAdded_Removed_OrFilteredOut()
    {
        // 40 distinct vectors, each there 50 times, beside 2,000 others.
        const int width = 24, distinct = 40, times = 50;
        EmbeddingMatrix vectors = SampleMatrices.Random(31, 2000 + distinct, width);
        var random = new Random(32);
        int[] order = [
            .. Enumerable.Range(0, distinct).SelectMany(v => Enumerable.Repeat(2000 + v, times)).Concat(Enumerable.Range(0, 2000))];
        random.Shuffle(order);
        using var index = new FunnelIndex(width, new FunnelIndexOptions { Plan = new FunnelPlan(16, EmbeddingType.Int8, 60, 200) });
        var rows = new List<(long Id, int Vector)>();
        int next = 0;
        for (int round = 0; round < 8; round++)
        {
            for (int added = 0; added < order.Length / 8; added++, next++)
            {
                if (next % 3 != 0)
                {
                    index.Add(next, vectors.Row(order[next]));
                    rows.Add((next, order[next]));
                }
            }
            for (int i = 0; i < rows.Count / 3; i++)
            {
                int which = random.Next(rows.Count);
                Assert.True(index.Remove(rows[which].Id));
                rows.RemoveAt(which);
            }
            if (round is 3 or 6)
            {
                index.Compact();
            }
            if (round == 5)
            {
                index.SetPlan(new FunnelPlan(20, EmbeddingType.Half, 60, 200));
            }
            var stream = new MemoryStream();
            index.Save(stream);
            stream.Position = 0;
            using FunnelIndex loaded = FunnelIndex.Load(stream);
            foreach (FunnelIndex own in new[] { index, loaded })
            {
                for (int v = 0; v < distinct; v++)
                {
                    ReadOnlySpan<float> query = vectors.Row(2000 + v);
                    long[] equal = [.. rows.Where(row => row.Vector == 2000 + v).Select(row => row.Id)],
                    odd = [.. equal.Where(id => id % 2 == 1)];
                    Assert.Equal(equal.Take(20), own.Search(query, 20).Take(equal.Length).Select(hit => hit.Id));
                    Assert.Equal(odd.Take(20), own.Search(query, 20, id => id % 2 == 1).Take(odd.Length).Select(hit => hit.Id));
                    Assert.Equal(own.SearchExact(query, 20).Take(equal.Length), own.Search(query, 20).Take(equal.Length));
                }
            }
        }
    }

    [Fact]
    public void EqualScores_GoToTheRowAddedEarlier()
    {
        EmbeddingMatrix one = SampleMatrices.Random(9, 1, 20);
        using var index = new FunnelIndex(20);
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
}
