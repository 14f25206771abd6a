using Microsoft.ML.Mrl.Tests.TorchSharp.Training;
using Microsoft.ML.Mrl.Vectors.Decomposition;

namespace Microsoft.ML.Mrl.Tests.Vectors.Decomposition;

public class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(70)]
    public void RandomMatrix_ValuesOfJacobi_AndOrthonormalEigenvectors(int n)
    {
        var random = new Random(n);
        double[,] matrix = Symmetric(n, (_, _) => random.NextDouble() - 0.5);

        (double[] values, double[] vectors) = SymmetricEigen.Decompose(Flat(matrix), n);

        (double[] expected, _) = PlainEigen.Jacobi(matrix);
        Assert.All(Enumerable.Range(0, n), k => Assert.Equal(expected[k], values[k], 1e-11 * n));
        AssertDecomposed(matrix, values, vectors, 1e-12 * n);
    }

    [Fact]
    public void SpecialMatrices_AreDecomposed()
    {
        const int N = 20;
        foreach (Func<int, int, double> value in (Func<int, int, double>[])
        [
            (_, _) => 0,
            (i, j) => i == j ? 1 : 0,
            (i, j) => i == j ? i % 3 : 0,
            (i, j) => (i + 1.0) * (j + 1),
            (i, j) => i == j ? Math.Pow(10, i - 10) : 0,
            (i, j) => Math.Abs(i - j) == 1 ? 1 : 0,
            (i, j) => 1e150 * (i == j ? 2 : Math.Abs(i - j) == 2 ? 1 : 0),
            (i, j) => 1e-150 * (i == j ? 2 : Math.Abs(i - j) == 2 ? 1 : 0),
        ])
        {
            double[,] matrix = Symmetric(N, value);
            double norm = matrix.Cast<double>().Max(Math.Abs);

            (double[] values, double[] vectors) = SymmetricEigen.Decompose(Flat(matrix), N);

            Assert.Equal(values.OrderDescending(), values);
            AssertDecomposed(matrix, values, vectors, 1e-12 * N * norm);
        }
    }

    [Fact]
    public void TheSameMatrix_GivesTheSameBits_AndTheLargestValueIsPositive()
    {
        var random = new Random(4);
        double[,] matrix = Symmetric(50, (_, _) => random.NextDouble());

        (double[] values, double[] vectors) = SymmetricEigen.Decompose(Flat(matrix), 50);
        (double[] again, double[] vectorsAgain) = SymmetricEigen.Decompose(Flat(matrix), 50);

        Assert.Equal(values, again);
        Assert.Equal(vectors, vectorsAgain);
        Assert.All(vectors.Chunk(50), vector => Assert.True(vector.MaxBy(Math.Abs) > 0));
    }

    internal static void AssertOrthonormal(double[][] vectors, double tolerance)
    {
        for (int i = 0; i < vectors.Length; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                Assert.Equal(i == j ? 1 : 0, vectors[i].Zip(vectors[j], (a, b) => a * b).Sum(), tolerance);
            }
        }
    }

    private static void AssertDecomposed(double[,] matrix, double[] values, double[] vectors, double tolerance)
    {
        int n = values.Length;
        double[][] rows = [.. vectors.Chunk(n)];
        AssertOrthonormal(rows, 1e-12 * n);
        for (int k = 0; k < n; k++)
        {
            for (int i = 0; i < n; i++)
            {
                double product = Enumerable.Range(0, n).Sum(j => matrix[i, j] * rows[k][j]);
                Assert.Equal(values[k] * rows[k][i], product, tolerance);
            }
        }
    }

    private static double[,] Symmetric(int n, Func<int, int, double> value)
    {
        var matrix = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                matrix[i, j] = matrix[j, i] = value(i, j);
            }
        }
        return matrix;
    }

    private static double[] Flat(double[,] matrix) => [.. matrix.Cast<double>()];
}
