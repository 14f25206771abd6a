using Microsoft.ML.Mrl.Tests.TorchSharp;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training;
using Microsoft.ML.Mrl.Vectors.Decomposition;

namespace Microsoft.ML.Mrl.Tests.Vectors.Decomposition;

public class PrincipalDirectionsTests
{
    [Theory]
    [InlineData(5, 3, 0)]
    [InlineData(300, 33, 0)]
    [InlineData(700, 40, 1000)]
    public void Scatter_AnyNumberOfRows_EqualsPlainLoops(int count, int width, float shift)
    {
        double[][] rows = Rows(count, width, 0.9, shift);
        ScatterSum sum = Gather(rows);

        (double[] mean, double[] scatter) = sum.Complete();

        double[,] expected = PlainEigen.Scatter(rows);
        double largest = expected.Cast<double>().Max(Math.Abs);
        Assert.All(Enumerable.Range(0, width), k => Assert.Equal(rows.Average(row => row[k]), mean[k], 1e-7 * (1 + shift)));
        Assert.All(Enumerable.Range(0, width * width), i => Assert.Equal(expected[i / width, i % width], scatter[i], 2e-6 * largest));
    }

    [Fact]
    public void Exact_RowsThatVaryLessAndLess_DirectionsAndVariancesOfJacobi()
    {
        double[][] rows = Rows(200, 12, 0.6, 0);

        PrincipalDirections found = PrincipalDirections.Exact(Gather(rows), 12, 5);

        (double[] values, double[][] vectors) = PlainEigen.Jacobi(PlainEigen.Scatter(rows));
        Assert.Equal(200, found.Count);
        Assert.Equal(values.Sum() / 199, found.TotalVariance, 1e-5 * values[0]);
        for (int k = 0; k < 5; k++)
        {
            Assert.Equal(values[k] / 199, found.Variances[k], 1e-5 * values[0] / 199);
            double[] own = found.Directions[(k * 12)..((k + 1) * 12)];
            Assert.Equal(1, Math.Abs(own.Zip(vectors[k], (a, b) => a * b).Sum()), 1e-6);
        }
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 50)]
    public void Randomized_RowsThatVaryLessAndLess_CapturesWhatTheExactCaptures(bool sparse, float shift)
    {
        double[][] rows = Rows(400, 60, 0.85, shift);

        PrincipalDirections found = PrincipalDirections.Randomized(Pass(rows, sparse), 60, 8, new Random(1));

        (double[] values, double[][] vectors) = PlainEigen.Jacobi(PlainEigen.Scatter(rows));
        Assert.Equal(400, found.Count);
        Assert.Equal(values.Sum() / 399, found.TotalVariance, 1e-4 * values[0]);
        Assert.All(Enumerable.Range(0, 60), k => Assert.Equal(rows.Average(row => row[k]), found.Mean[k], 1e-5 * (1 + shift)));
        SymmetricEigenTests.AssertOrthonormal([.. found.Directions.Chunk(60)], 1e-9);
        for (int k = 0; k < 8; k++)
        {
            Assert.Equal(values[k] / 399, found.Variances[k], 1e-3 * values[k] / 399);
        }
        for (int k = 0; k < 4; k++)
        {
            Assert.Equal(1, Math.Abs(found.Directions.Chunk(60).ElementAt(k).Zip(vectors[k], (a, b) => a * b).Sum()), 1e-3);
        }
    }

    [Fact]
    public void Randomized_FewerRowsThanDirections_TheRestIsZeros()
    {
        double[][] rows = Rows(4, 50, 0.99, 0);

        PrincipalDirections found = PrincipalDirections.Randomized(Pass(rows, sparse: false), 50, 10, new Random(1));

        SymmetricEigenTests.AssertOrthonormal([.. found.Directions.Chunk(50).Take(3)], 1e-6);
        double[][] scatter = [.. rows.Select(row => row.Select((v, k) => v - rows.Average(r => r[k])).ToArray())];
        double kept = found.Directions.Chunk(50)
            .Sum(direction => scatter.Sum(row => Math.Pow(row.Zip(direction, (a, b) => a * b).Sum(), 2)));
        Assert.Equal(scatter.Sum(row => row.Sum(v => v * v)), kept, 1e-3);
        Assert.All(found.Variances[3..], variance => Assert.Equal(0, variance, 1e-6));
        Assert.All(found.Directions, value => Assert.True(double.IsFinite(value)));
    }

    internal static ScatterSum Gather(double[][] rows)
    {
        var sum = new ScatterSum(rows[0].Length);
        foreach (double[] row in rows)
        {
            Array.ConvertAll(row, value => (float)value).CopyTo(sum.NextRow());
        }
        return sum;
    }

    private static RowPass Pass(double[][] rows, bool sparse) => sink =>
    {
        foreach (double[] row in rows)
        {
            float[] values = Array.ConvertAll(row, value => (float)value);
            if (sparse)
            {
                sink.Add([.. Enumerable.Range(0, values.Length)], values);
            }
            else
            {
                sink.Add(values);
            }
        }
    };

    /// <summary>Rows whose value k varies as decayᵏ, turned by random mirrors, and moved; in single precision.</summary>
    private static double[][] Rows(int count, int width, double decay, float shift)
    {
        var random = new Random(count + width);
        double[][] rows = [
            .. Enumerable.Range(0, count)
            .Select(_ => Enumerable.Range(0, width).Select(k => Math.Pow(decay, k) * Synthetic.Gaussian(random)).ToArray())];
        for (int i = 0; i < 3; i++)
        {
            double[] normal = [.. Enumerable.Range(0, width).Select(_ => (double)Synthetic.Gaussian(random))];
            double square = normal.Sum(v => v * v);
            foreach (double[] row in rows)
            {
                double along = 2 * row.Zip(normal, (a, b) => a * b).Sum() / square;
                for (int k = 0; k < width; k++)
                {
                    row[k] -= along * normal[k];
                }
            }
        }
        return [.. rows.Select(row => row.Select(value => (double)(float)(value + shift)).ToArray())];
    }
}
