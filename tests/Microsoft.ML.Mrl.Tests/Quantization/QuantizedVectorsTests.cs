using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Quantization;

public class QuantizedVectorsTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(EmbeddingType.Half)]
    [InlineData(EmbeddingType.Int8)]
    [InlineData(EmbeddingType.Binary)]
    public void Search_And_Rescore_GiveTheCosinesOfWhatIsStored(EmbeddingType type)
    {
        float[][] rows = Vectors.Random(333, 37);
        IDataView view = Vectors.View(_ml, rows);
        QuantizedVectors stored = QuantizedVectors.Read(_ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, 21).Fit(view).Transform(view), "Q");
        float[] query = Vectors.Random(1, 37, 99)[0];

        ScoredRow[] found = stored.Search(query, 25);
        ScoredRow[] ranked = stored.Rescore(query, [.. Enumerable.Range(0, 333).Select(i => new ScoredRow(i, 0))], 25);

        Assert.Equal((333, 21, type), (stored.Count, stored.Dimensions, stored.Type));
        Assert.Equal(type == EmbeddingType.Half ? 42 : type == EmbeddingType.Int8 ? 21 : 3, stored.BytesPerVector);
        var values = new float[21];
        var exact = new double[333];
        var coarse = new double[333];
        for (int i = 0; i < 333; i++)
        {
            stored.Dequantize(i, values);
            exact[i] = Vectors.Cosine(query[..21], values);
            coarse[i] = type == EmbeddingType.Binary ? Vectors.Cosine([.. query[..21].Select(v => v > 0 ? 1f : -1f)], values) : exact[i];
        }
        AssertRanks(exact, ranked);
        AssertRanks(coarse, found);
    }

    [Fact]
    public void Search_EqualScores_GoToTheEarlierRow()
    {
        IDataView view = Vectors.View(_ml, [[-1, 1], [1, 1], [1, 2], [1, 3]]);
        QuantizedVectors bits = QuantizedVectors.Read(_ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Binary).Fit(view).Transform(view), "Q");

        Assert.Equal([new ScoredRow(1, 1), new ScoredRow(2, 1)], bits.Search([5, 5], 2));
        Assert.Equal([1, 2, 3, 0], bits.Rescore([5, 5], bits.Search([5, 5], 9), 9).Select(r => r.Row));
    }

    [Fact]
    public void Search_OddCases_HaveTheirFates()
    {
        IDataView view = Vectors.View(_ml, [[1, 2], [2, 1]]), none = Vectors.View(_ml, 2, []);
        var ranges = new Int8Ranges([0, 0], [2, 2]);
        QuantizeEmbeddingTransformer quantize = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8, ranges: ranges).Fit(view);
        QuantizedVectors two = QuantizedVectors.Read(quantize.Transform(view), "Q"), empty = QuantizedVectors.Read(quantize.Transform(none), "Q");

        Assert.Empty(empty.Search([1, 1], 3));
        Assert.Equal(2, two.Search([1, 1], 5).Length);
        Assert.All(two.Search([0, 0], 5), row => Assert.Equal(0f, row.Score));
        Assert.Throws<ArgumentOutOfRangeException>(() => two.Search([1, 1], 0));
        Assert.Throws<ArgumentException>(() => two.Search([1], 1));
        Assert.Throws<ArgumentException>(() => two.Search([1, float.NaN], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => two.Rescore([1, 1], [new ScoredRow(2, 0)], 1));
        Assert.Throws<ArgumentException>(() => two.Dequantize(0, new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedVectors.Read(view, "Embedding"));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedVectors.Read(view, "Missing"));
    }

    private static void AssertRanks(double[] exact, ScoredRow[] found)
    {
        Assert.Equal(25, found.Length);
        double[] best = [.. exact.OrderDescending()];
        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(exact[found[i].Row], found[i].Score, 4);
            Assert.Equal(best[i], exact[found[i].Row], 4);
        }
        Assert.Equal(found.Length, found.Select(r => r.Row).Distinct().Count());
    }
}
