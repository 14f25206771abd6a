using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>Eigenvalues and vectors of a symmetric matrix by Jacobi's rotations, in double precision.</summary>
internal static class PlainEigen
{
    /// <returns>The values by falling size, and the vectors in the same order, each an array.</returns>
    public static (double[] Values, double[][] Vectors) Jacobi(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        var a = (double[,])matrix.Clone();
        var v = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            v[i, i] = 1;
        }
        for (int sweep = 0; sweep < 60 && OffDiagonal(a) > 1e-24 * Trace(a) * Trace(a); sweep++)
        {
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    if (a[p, q] == 0)
                    {
                        continue;
                    }
                    double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
                    double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
                    double c = 1 / Math.Sqrt(t * t + 1);
                    double s = t * c;
                    for (int k = 0; k < n; k++)
                    {
                        (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q]);
                    }
                    for (int k = 0; k < n; k++)
                    {
                        (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k]);
                        (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q]);
                    }
                }
            }
        }
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => a[i, i])];
        return ([.. order.Select(i => a[i, i])], [.. order.Select(i => Enumerable.Range(0, n).Select(k => v[k, i]).ToArray())]);
    }

    /// <summary>Σ (x − mean)(x − mean)ᵀ over rows.</summary>
    public static double[,] Scatter(double[][] rows)
    {
        int width = rows[0].Length;
        double[] mean = [.. Enumerable.Range(0, width).Select(k => rows.Average(row => row[k]))];
        var scatter = new double[width, width];
        foreach (double[] row in rows)
        {
            for (int i = 0; i < width; i++)
            {
                for (int j = 0; j < width; j++)
                {
                    scatter[i, j] += (row[i] - mean[i]) * (row[j] - mean[j]);
                }
            }
        }
        return scatter;
    }

    private static double OffDiagonal(double[,] a)
    {
        double sum = 0;
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < i; j++)
            {
                sum += a[i, j] * a[i, j];
            }
        }
        return sum;
    }

    private static double Trace(double[,] a) => Enumerable.Range(0, a.GetLength(0)).Sum(i => a[i, i]);
}
