using CsCheck;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Vectors;

public sealed class PrefixDotProductsTests
{
    [Fact]
    public void Scan_AnyShape_GivesTheCosineOfEveryPairAtEveryDimension()
        => SampleMatrices.Sizes(70).Sample(
            size =>
            {
                EmbeddingMatrix queries = SampleMatrices.Awkward(size.Seed, size.Rows, size.Width);
                EmbeddingMatrix documents = SampleMatrices.Awkward(size.Seed + 1, size.Others, size.Width);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width);
                AssertCosines(queries, documents, dimensions);
            },
            iter: 60);

    [Theory]
    [InlineData(768)]
    [InlineData(1000)]
    public void Scan_LongVectors_KeepsSixDigits(int width)
        => AssertCosines(SampleMatrices.Random(1, 9, width), SampleMatrices.Random(2, 40, width), MatryoshkaDimensions.HalvedFrom(width));

    [Fact]
    public void Scan_VectorWithItself_IsOneWithinSixDigits()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(3, 40, 1024);
        AssertCosines(rows, rows, MatryoshkaDimensions.HalvedFrom(1024, 1));
    }

    [Fact]
    public void Scan_MoreDocumentsThanABlockHolds_SeesThemAll()
    {
        const int width = 4096;
        // A block holds 2,048 documents of this width.
        var sink = new CosineRecorder(1, 3, 2100);
        EmbeddingMatrix documents = SampleMatrices.Random(5, 2100, width);
        EmbeddingMatrix queries = documents.Slice(2060, 3);
        PrefixDotProducts.Scan(queries, documents, new MatryoshkaDimensions(width), sink);
        Assert.Equal(0, sink.Missing);
        Assert.Equal(SlowEvaluation.Cosine(queries.Row(0), documents.Row(2099), width), sink.Cosine(0, 0, 2099), 1e-6);
        Assert.Equal(1, sink.Cosine(0, 2, 2062), 1e-6);
    }

    [Fact]
    public void Scan_OneValue_GivesExactSigns()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(4, 50, 3);
        var sink = new CosineRecorder(1, 50, 50);
        PrefixDotProducts.Scan(rows, rows, new MatryoshkaDimensions(1), sink);
        for (int q = 0; q < 50; q++)
        {
            for (int d = 0; d < 50; d++)
            {
                Assert.Equal(MathF.Sign(rows.Row(q)[0]) * MathF.Sign(rows.Row(d)[0]), sink.Cosine(0, q, d));
            }
        }
    }

    [Fact]
    public void Scan_EqualVectorsAnywhere_HaveEqualCosines()
    {
        EmbeddingMatrix some = SampleMatrices.Random(6, 1, 100);
        EmbeddingMatrix documents = SampleMatrices.Of([.. Enumerable.Range(0, 77).Select(_ => some.Row(0).ToArray())]);
        var sink = new CosineRecorder(2, 9, 77);
        PrefixDotProducts.Scan(SampleMatrices.Random(7, 9, 100), documents, new MatryoshkaDimensions(33, 100), sink);
        for (int i = 0; i < 2 * 9; i++)
        {
            Assert.Single(Enumerable.Range(0, 77).Select(d => sink.Cosine(i / 9, i % 9, d)).Distinct());
        }
    }

    [Fact]
    public void Compare_AnyPair_EqualsScanToTheLastBit()
        => SampleMatrices.Sizes(40).Sample(
            size =>
            {
                int width = size.Width * 11;
                EmbeddingMatrix queries = SampleMatrices.Awkward(size.Seed, size.Rows, width);
                EmbeddingMatrix documents = SampleMatrices.Awkward(size.Seed + 1, size.Others, width);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, width);
                var sink = new CosineRecorder(dimensions.Count, queries.Count, documents.Count);
                PrefixDotProducts.Scan(queries, documents, dimensions, sink);
                var cosines = new float[dimensions.Count];
                for (int q = 0; q < queries.Count; q++)
                {
                    int d = (q * 7) % documents.Count;
                    PrefixDotProducts.Compare(queries.Row(q), documents.Row(d), [.. dimensions], cosines);
                    Assert.Equal(cosines, Enumerable.Range(0, dimensions.Count).Select(i => sink.Cosine(i, q, d)));
                }
            },
            iter: 60);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(9, 33)]
    [InlineData(20, 300)]
    public void Scan_ForTheNearest_FindsThoseWithTheGreatestCosines(int queryCount, int documentCount)
    {
        const int nearest = 3;
        EmbeddingMatrix queries = SampleMatrices.Awkward(1, queryCount, 21), documents = SampleMatrices.Awkward(2, documentCount, 21);
        MatryoshkaDimensions dimensions = [1, 2, 7, 21];
        var sink = new CosineRecorder(dimensions.Count, queryCount, documentCount);
        PrefixDotProducts.Scan(queries, documents, dimensions, sink);
        var found = new TopNeighbors(dimensions.Count, queryCount, nearest);

        PrefixDotProducts.Scan(queries, documents, dimensions, found);

        var rows = new int[nearest];
        var cosines = new float[nearest];
        for (int i = 0; i < dimensions.Count; i++)
        {
            for (int q = 0; q < queryCount; q++)
            {
                int[] expected = [
                    .. Enumerable.Range(0, documentCount).OrderByDescending(d => sink.Cosine(i, q, d)).ThenBy(d => d).Take(nearest)];
                int count = found.Ranked(i, q, rows, cosines);
                Assert.Equal(expected, rows[..count]);
                Assert.Equal(expected.Select(d => sink.Cosine(i, q, d)), cosines[..count]);
            }
        }
    }

    [Fact]
    public void Scan_OfSomePackedDimensions_IsThatOfThoseAlone()
    {
        EmbeddingMatrix queries = SampleMatrices.Awkward(3, 19, 21), documents = SampleMatrices.Awkward(4, 45, 21);
        using PackedRows packed = PrefixDotProducts.Pack(queries, [2, 7, 16, 21]);
        var all = new CosineRecorder(4, 19, 45);
        PrefixDotProducts.Scan(queries, documents, [2, 7, 16, 21], all);
        var some = new CosineRecorder(2, 19, 45);

        // Documents of their own at these dimensions, no wider than the longer one.
        PrefixDotProducts.Scan(packed, [7, 16], firstDimension: 1, documents.Cut(16), some);

        Assert.Equal(0, some.Missing);
        for (int q = 0; q < 19; q++)
        {
            for (int d = 0; d < 45; d++)
            {
                Assert.Equal(all.Cosine(1, q, d), some.Cosine(0, q, d), 1e-6);
                Assert.Equal(all.Cosine(2, q, d), some.Cosine(1, q, d), 1e-6);
            }
        }
    }

    [Fact]
    public unsafe void Accumulate_WideAndNarrowVectors_Agree()
    {
        const int columns = 37;
        float[] query = SampleMatrices.Random(8, 8, columns).Values.ToArray();
        float[] document = SampleMatrices.Random(9, 32, columns).Values.ToArray();
        var wide = new float[8 * 32];
        var narrow = new float[8 * 32];
        fixed (float* q = query, d = document, w = wide, n = narrow)
        {
            TileKernel.Accumulate512(q, d, columns, w);
            TileKernel.Accumulate256(q, d, columns, n);
        }
        for (int i = 0; i < wide.Length; i++)
        {
            double expected = Enumerable.Range(0, columns).Sum(c => (double)query[(c * 8) + (i / 32)] * document[(c * 32) + (i % 32)]);
            Assert.Equal(expected, wide[i], 1e-5);
            Assert.Equal(wide[i], narrow[i], 1e-5);
        }
    }

    private static void AssertCosines(EmbeddingMatrix queries, EmbeddingMatrix documents, MatryoshkaDimensions dimensions)
    {
        var sink = new CosineRecorder(dimensions.Count, queries.Count, documents.Count);
        PrefixDotProducts.Scan(queries, documents, dimensions, sink);
        Assert.Equal(0, sink.Missing);
        for (int i = 0; i < dimensions.Count; i++)
        {
            for (int q = 0; q < queries.Count; q++)
            {
                for (int d = 0; d < documents.Count; d++)
                {
                    Assert.Equal(SlowEvaluation.Cosine(queries.Row(q), documents.Row(d), dimensions[i]), sink.Cosine(i, q, d), 1e-6);
                }
            }
        }
    }

    private sealed class CosineRecorder(int dimensions, int queries, int documents) : ICosineSink
    {
        private readonly float[] _cosines = [.. Enumerable.Repeat(float.NaN, dimensions * queries * documents)];

        public int Missing => _cosines.Count(float.IsNaN);

        public float Cosine(int dimension, int query, int document) => _cosines[(((dimension * queries) + query) * documents) + document];

        public void Accept(
            int dimension, int firstQuery, int tileQueries, int firstDocument, int tileDocuments, ReadOnlySpan<float> cosines)
        {
            for (int q = 0; q < tileQueries; q++)
            {
                cosines.Slice(q * PrefixDotProducts.PanelDocuments, tileDocuments)
                    .CopyTo(_cosines.AsSpan((((dimension * queries) + firstQuery + q) * documents) + firstDocument));
            }
        }
    }
}
