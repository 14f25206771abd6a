using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class TruncateEmbeddingValueTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void TruncateToAnyDimensions_EqualsThePlainLoop()
    {
        foreach (int width in (int[])[1, 2, 7, 16, 33, 100])
        {
            float[][] rows = SampleVectors.Random(5, width);
            for (int m = 1; m <= width; m++)
            {
                float[][] got = Truncate(SampleVectors.View(_ml, rows), m);
                for (int i = 0; i < rows.Length; i++)
                {
                    SampleVectors.AssertClose(SampleVectors.TruncatedByHand(rows[i], m), got[i]);
                }
            }
        }
    }

    [Fact]
    public void TruncateToFewerDimensions_ReturnsUnitLengthPrefix()
    {
        float[] got = TruncateOne(SampleVectors.Dense(3, 4, 12, 84), 2);

        Assert.Equal([0.6f, 0.8f], got);
    }

    [Fact]
    public void Truncate_SparseRow_EqualsTheDenseRow()
    {
        float[][] dense = SampleVectors.Random(20, 40);
        var random = new Random(3);
        foreach (float[] row in dense)
        {
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = random.Next(3) == 0 ? row[i] : 0;
            }
        }
        VBuffer<float>[] sparse = [.. dense.Select(ToSparse)];
        for (int m = 1; m <= 40; m++)
        {
            float[][] fromDense = Truncate(SampleVectors.View(_ml, dense), m);
            float[][] fromSparse = Truncate(SampleVectors.View(_ml, 40, sparse), m);
            for (int i = 0; i < dense.Length; i++)
            {
                SampleVectors.AssertClose(fromDense[i], fromSparse[i]);
            }
        }
    }

    [Fact]
    public void Truncate_SparseAndDenseRowsInTurn_DoNotLeakIntoEachOther()
    {
        float[][] got = Truncate(
            SampleVectors.View(
                _ml, 4, [
                    SampleVectors.Dense(3, 4, 1, 1), SampleVectors.Sparse(4, (1, 2f)), SampleVectors.Sparse(4),
                    SampleVectors.Dense(0, 5, 1, 1), SampleVectors.Sparse(4, (0, 7f), (1, 0f))]), 2);

        Assert.Equal([[0.6f, 0.8f], [0, 1], [0, 0], [0, 1], [1, 0]], got);
    }

    [Fact]
    public void Truncate_SparseRowWithValuesAfterTheCutOnly_IsZero() =>
        Assert.Equal([0f, 0, 0], TruncateOne(SampleVectors.Sparse(8, (3, 1f), (7, 5f)), 3));

    [Fact]
    public void Truncate_SparseRowWithoutValues_IsZero() => Assert.Equal([0f, 0, 0], TruncateOne(SampleVectors.Sparse(8), 3));

    [Fact]
    public void Truncate_ZeroVector_StaysZero() => Assert.Equal([0f, 0, 0], TruncateOne(SampleVectors.Dense(0, 0, 0, 9), 3));

    [Fact]
    public void Truncate_NaNInThePrefix_MakesEveryValueNaN()
    {
        Assert.Equal([float.NaN, float.NaN, float.NaN], TruncateOne(SampleVectors.Dense(1, float.NaN, 0, 4), 3));
        Assert.Equal([float.NaN, float.NaN, float.NaN], TruncateOne(SampleVectors.Sparse(4, (1, float.NaN), (3, 4f)), 3));
    }

    [Fact]
    public void Truncate_InfinityInThePrefix_MakesItsOwnSlotNaNAndTheOthersZero()
    {
        Assert.Equal([0, float.NaN, 0], TruncateOne(SampleVectors.Dense(1, float.PositiveInfinity, -2, 4), 3));
        Assert.Equal([0, float.NaN, 0], TruncateOne(SampleVectors.Sparse(4, (1, float.NegativeInfinity), (2, 4f)), 3));
        Assert.Equal(
            [float.NaN, float.NaN, 0], TruncateOne(SampleVectors.Sparse(4, (0, float.PositiveInfinity), (1, float.NegativeInfinity)), 3));
    }

    [Fact]
    public void Truncate_NaNAndInfinityAfterTheCut_AreNotLookedAt() =>
        Assert.Equal([0.6f, 0.8f], TruncateOne(SampleVectors.Dense(3, 4, float.NaN, float.PositiveInfinity), 2));

    [Theory]
    [InlineData(1e30f)]
    [InlineData(3e38f)]
    [InlineData(1e-15f)]
    [InlineData(1e-11f)]
    [InlineData(3e-13f)]
    [InlineData(1e-14f)]
    [InlineData(1e-25f)]
    [InlineData(1e-44f)]
    public void Truncate_HugeAndTinyValues_FollowTheFormula(float value)
    {
        float[] row = [value, -value / 2, value / 4, value];

        for (int m = 1; m <= 4; m++)
        {
            SampleVectors.AssertClose(SampleVectors.TruncatedByHand(row, m), TruncateOne(SampleVectors.Dense(row), m));
        }
    }

    [Fact]
    public void Truncate_VectorShorterThanTheSmallestLength_IsNotBlownUpToUnitLength()
    {
        float[] got = TruncateOne(SampleVectors.Dense(1e-13f, 0), 2);

        Assert.Equal(0.1f, got[0], 1e-6f);
    }

    [Fact]
    public void Truncate_WithoutNormalization_CopiesThePrefix()
    {
        float[] row = [3, float.NaN, -0f, float.PositiveInfinity, 5];
        IDataView view = SampleVectors.View(_ml, 5, [SampleVectors.Dense(row), SampleVectors.Sparse(5, (1, 2f), (4, 1f))]);

        float[][] got = SampleVectors.Read(
            _ml.Transforms.TruncateEmbedding("Short", "Embedding", 4, EmbeddingNormalization.None).Fit(view).Transform(view), "Short");

        Assert.Equal(row[..4].Select(BitConverter.SingleToInt32Bits), got[0].Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([0f, 2, 0, 0], got[1]);
    }

    private float[] TruncateOne(VBuffer<float> row, int dimensions) => Truncate(SampleVectors.View(_ml, row.Length, [row]), dimensions)[0];

    private float[][] Truncate(IDataView view, int dimensions) =>
        SampleVectors.Read(_ml.Transforms.TruncateEmbedding("Short", "Embedding", dimensions).Fit(view).Transform(view), "Short");

    private static VBuffer<float> ToSparse(float[] row) =>
        SampleVectors.Sparse(row.Length, [.. row.Select((v, i) => (i, v)).Where(s => s.v != 0)]);
}
