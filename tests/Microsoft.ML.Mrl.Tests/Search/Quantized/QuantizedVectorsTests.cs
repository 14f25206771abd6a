using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Quantized;

public class QuantizedVectorsTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(EmbeddingType.Half)]
    [InlineData(EmbeddingType.Int8)]
    [InlineData(EmbeddingType.Binary)]
    public void Search_And_Rescore_GiveTheCosinesOfWhatIsStored(EmbeddingType type)
    {
        float[][] rows = SampleVectors.Random(333, 37);
        IDataView view = SampleVectors.View(_ml, rows);
        QuantizedVectors stored = QuantizedVectors.Read(
            _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, 21).Fit(view).Transform(view), "Q");
        float[] query = SampleVectors.Random(1, 37, 99)[0];

        SearchHit[] found = stored.Search(query, 25);
        SearchHit[] ranked = stored.Rescore(query, [.. Enumerable.Range(0, 333).Select(i => new SearchHit(i, 0))], 25);

        Assert.Equal((333, 21, type), (stored.Count, stored.Dimensions, stored.Type));
        Assert.Equal(type == EmbeddingType.Half ? 42 : type == EmbeddingType.Int8 ? 21 : 3, stored.BytesPerVector);
        var values = new float[21];
        var exact = new double[333];
        var coarse = new double[333];
        for (int i = 0; i < 333; i++)
        {
            stored.Dequantize(i, values);
            exact[i] = SampleVectors.Cosine(query[..21], values);
            coarse[i] = type == EmbeddingType.Binary ? SampleVectors.Cosine([.. query[..21].Select(v => v > 0 ? 1f : -1f)], values)
                : exact[i];
        }
        AssertRanks(exact, ranked);
        AssertRanks(coarse, found);
    }

    [Fact]
    public void Search_EqualScores_GoToTheEarlierRow()
    {
        IDataView view = SampleVectors.View(_ml, [[-1, 1], [1, 1], [1, 2], [1, 3]]);
        QuantizedVectors bits = QuantizedVectors.Read(
            _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Binary).Fit(view).Transform(view), "Q");

        Assert.Equal([new SearchHit(1, 1), new SearchHit(2, 1)], bits.Search([5, 5], 2));
        Assert.Equal([1, 2, 3, 0], bits.Rescore([5, 5], bits.Search([5, 5], 9), 9).Select(r => r.Id));
    }

    [Fact]
    public void Search_OddCases_HaveTheirFates()
    {
        IDataView view = SampleVectors.View(_ml, [[1, 2], [2, 1]]), none = SampleVectors.View(_ml, 2, []);
        var ranges = new Int8Ranges([0, 0], [2, 2]);
        QuantizeEmbeddingTransformer quantize = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8, ranges: ranges)
            .Fit(view);
        QuantizedVectors two = QuantizedVectors.Read(quantize.Transform(view), "Q"),
        empty = QuantizedVectors.Read(quantize.Transform(none), "Q");

        Assert.Empty(empty.Search([1, 1], 3));
        Assert.Equal(2, two.Search([1, 1], 5).Length);
        Assert.All(two.Search([0, 0], 5), row => Assert.Equal(0f, row.Score));
        Assert.Throws<ArgumentOutOfRangeException>(() => two.Search([1, 1], 0));
        Assert.Throws<ArgumentException>(() => two.Search([1], 1));
        Assert.Throws<ArgumentException>(() => two.Search([1, float.NaN], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => two.Rescore([1, 1], [new SearchHit(2, 0)], 1));
        Assert.Throws<ArgumentException>(() => two.Dequantize(0, new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedVectors.Read(view, "Embedding"));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedVectors.Read(view, "Missing"));
    }

    [Theory]
    [InlineData(EmbeddingType.Single, 700)]
    [InlineData(EmbeddingType.Half, 1400)]
    [InlineData(EmbeddingType.Int8, 2700)]
    [InlineData(EmbeddingType.Binary, 22000)]
    public void SearchMany_AnyNumberOfThreads_GivesWhatOneQueryAtATimeGives(EmbeddingType type, int count)
    {
        // Rows that take more than what goes to a thread, many of them twice; queries that are wider than they are.
        const int width = 413, cut = 401;
        float[][] some = SampleVectors.Random(count / 2, width);
        var rows = new EmbeddingMatrix((float[])[.. some.SelectMany(row => row), .. some.SelectMany(row => row)], 2 * some.Length, width);
        QuantizedVectors stored = QuantizedVectors.From(
            rows, type, cut, type == EmbeddingType.Int8 ? QuantizedRows.FindRanges(rows, cut) : null);
        Assert.True(stored.Count * stored.BytesPerVector > 1 << 20);
        float[] queries = [.. SampleVectors.Random(37, width, 5).SelectMany(row => row)];
        stored.MaxDegreeOfParallelism = 1;
        SearchHit[][] expected = [.. Enumerable.Range(0, 37).Select(q => stored.Search(queries.AsSpan(q * width, width), 50))];

        // By a sort of the scores of all rows, each found in a collection of its own.
        var alone = new float[stored.Count];
        for (int i = 0; i < alone.Length; i++)
        {
            alone[i] = QuantizedVectors.From(rows.Slice(i, 1), type, cut, stored.Ranges).Search(queries.AsSpan(0, width), 1)[0].Score;
        }
        Assert.Equal(
            alone.Select((score, i) => new SearchHit(i, score)).OrderByDescending(r => r.Score).ThenBy(r => r.Id).Take(50), expected[0]);
        foreach (int threads in new[] { 1, 2, 3, 8, -1 })
        {
            stored.MaxDegreeOfParallelism = threads;
            Assert.Equal(expected, stored.SearchMany(queries, 50, width));
            Assert.Equal(expected.Take(1), stored.SearchMany(queries.AsSpan(0, width), 50, width));
            Assert.Equal(expected[3], stored.Search(queries.AsSpan(3 * width, width), 50));
        }
    }

    [Fact]
    public void SearchMany_OddCases_HaveTheirFates()
    {
        var rows = new EmbeddingMatrix((float[])[1, 2, 2, 1, 0, 0], 3, 2);
        QuantizedVectors three = QuantizedVectors.From(rows, EmbeddingType.Half, 2, null),
        none = QuantizedVectors.From(rows.Slice(0, 0), EmbeddingType.Half, 2, null);

        Assert.Empty(three.SearchMany([], 1));
        Assert.Equal([[], []], none.SearchMany([1, 2, 3, 4], 5));
        Assert.Equal(3, three.SearchMany([1, 2], 9)[0].Length);
        Assert.All(three.SearchMany([0, 0, 1, 1], 9)[0], row => Assert.Equal(0f, row.Score));
        Assert.Equal([1, 0], three.Rescore([2, 1], [new SearchHit(0, 0), new SearchHit(1, 0)], 9).Select(r => r.Id));
        Assert.Equal(-1, three.MaxDegreeOfParallelism);
        Assert.Throws<ArgumentOutOfRangeException>(() => three.MaxDegreeOfParallelism = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => three.MaxDegreeOfParallelism = -2);
        Assert.Throws<ArgumentOutOfRangeException>(() => three.SearchMany([1, 2], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => three.SearchMany([1, 2], 1, 1));
        Assert.Contains(
            "3 values are not whole queries of 2", Assert.Throws<ArgumentException>(() => three.SearchMany([1, 2, 3], 1)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Query 1 has NaN in slot 0", Assert.Throws<ArgumentException>(() => three.SearchMany([1, 2, float.NaN, 1], 1)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => three.Rescore([1, 2], [new SearchHit(3, 0)], 1));
        Assert.Empty(three.Rescore([1, 2], [], 1));
    }

    private static void AssertRanks(double[] exact, SearchHit[] found)
    {
        Assert.Equal(25, found.Length);
        double[] best = [.. exact.OrderDescending()];
        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(exact[found[i].Id], found[i].Score, 4);
            Assert.Equal(best[i], exact[found[i].Id], 4);
        }
        Assert.Equal(found.Length, found.Select(r => r.Id).Distinct().Count());
    }
}
