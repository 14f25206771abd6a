namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>Turns vectors until their directions of greatest spread come first, by Jacobi's method. Nothing is subtracted, so cosines
/// stay.</summary>
internal static class PcaRotation
{
    private const int MaxRows = 20_000;
    private const int Sweeps = 12;

    public static float[] Rotate(float[] values, int width)
    {
        int rows = Math.Min(values.Length / width, MaxRows);
        var spread = new double[width][];
        Parallel.For(0, width, i =>
        {
            spread[i] = new double[width];
            for (int row = 0; row < rows; row++)
            {
                double own = values[(row * width) + i];
                for (int j = 0; j < width; j++)
                {
                    spread[i][j] += own * values[(row * width) + j];
                }
            }
        });
        double[][] vectors = [.. Enumerable.Range(0, width).Select(i => Enumerable.Range(0, width).Select(j => i == j ? 1.0 : 0).ToArray())];
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int p = 0; p < width - 1; p++)
            {
                for (int q = p + 1; q < width; q++)
                {
                    Turn(spread, vectors, p, q);
                }
            }
        }
        double[][] axes = [.. Enumerable.Range(0, width).OrderByDescending(i => spread[i][i]).Select(i => vectors[i])];
        var rotated = new float[values.Length];
        Parallel.For(0, values.Length / width, row =>
        {
            for (int i = 0; i < width; i++)
            {
                double sum = 0;
                for (int j = 0; j < width; j++)
                {
                    sum += axes[i][j] * values[(row * width) + j];
                }
                rotated[(row * width) + i] = (float)sum;
            }
        });
        return rotated;
    }

    // Rows of the second matrix are the axes.
    private static void Turn(double[][] a, double[][] axes, int p, int q)
    {
        if (Math.Abs(a[p][q]) < 1e-12 * Math.Sqrt(Math.Abs(a[p][p] * a[q][q])))
        {
            return;
        }
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1)), c = 1 / Math.Sqrt((t * t) + 1), s = t * c;
        for (int i = 0; i < a.Length; i++)
        {
            (a[i][p], a[i][q]) = ((c * a[i][p]) - (s * a[i][q]), (s * a[i][p]) + (c * a[i][q]));
        }
        for (int i = 0; i < a.Length; i++)
        {
            (a[p][i], a[q][i]) = ((c * a[p][i]) - (s * a[q][i]), (s * a[p][i]) + (c * a[q][i]));
            (axes[p][i], axes[q][i]) = ((c * axes[p][i]) - (s * axes[q][i]), (s * axes[p][i]) + (c * axes[q][i]));
        }
    }
}
