using System.Numerics;
using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Vectors.Decomposition;

/// <summary>
/// Computes the eigenvalues and eigenvectors of a symmetric matrix in double precision: Householder's reduction to a tridiagonal matrix,
/// then implicit QL steps (Golub and Van Loan, Matrix Computations, 4th edition, sections 8.3.1 and 8.3.3).
/// </summary>
/// <remarks>
/// About 10 n³ operations. The result does not depend on the number of threads.
/// </remarks>
internal static class SymmetricEigen
{
    // Half of the distance from 1 to the next number.
    private const double RelativeRounding = 1.1e-16;

    // Values of each eigenvector that are rotated together: they stay in the cache while all rotations go over them.
    private const int PanelWidth = 32;
    private const int MaxSteps = 60;

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="matrix">The symmetric matrix, <c>[n, n]</c>, finite. It is overwritten.</param>
    /// <param name="n">The number of rows and columns.</param>
    /// <returns>
    /// The eigenvalues, falling, <c>[n]</c>, and orthonormal eigenvectors in their order, one in each row, <c>[n, n]</c>; of a vector and
    /// its opposite the one whose largest value is positive.
    /// </returns>
    public static (double[] Values, double[] Vectors) Decompose(double[] matrix, int n)
    {
        var diagonal = new double[n];
        var beside = new double[n];
        double[] vectors = Reduce(matrix, n, diagonal, beside);
        List<Rotation> rotations = Diagonalize(diagonal, beside);
        Rotate(vectors, n, rotations);
        return Sorted(diagonal, vectors, n);
    }

    /// <summary>Makes the value of largest size of a direction positive: a direction and its opposite are equally good.</summary>
    public static void FixSign(Span<double> direction)
    {
        if (direction[TensorPrimitives.IndexOfMaxMagnitude<double>(direction)] < 0)
        {
            TensorPrimitives.Negate(direction, direction);
        }
    }

    /// <summary>Makes T = QᵀAQ tridiagonal and returns Qᵀ.</summary>
    private static double[] Reduce(double[] a, int n, double[] diagonal, double[] beside)
    {
        var factors = new double[n];
        var product = new double[n];
        for (int k = 0; k < n - 2; k++)
        {
            // The reflector lies in row k, right of the diagonal, where the matrix has been dealt with.
            int rest = n - k - 1;
            Span<double> v = a.AsSpan((k * n) + k + 1, rest);
            double largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(v));
            double length = largest == 0 ? 0 : largest * Math.Sqrt(SumOfSquares(v, largest));
            double alpha = v[0] > 0 ? -length : length;
            diagonal[k] = a[(k * n) + k];
            beside[k + 1] = alpha;
            if (length == 0)
            {
                continue;
            }
            v[0] -= alpha;
            // H = 1 − factor · v vᵀ with the largest value of v at 1, so that squares neither vanish nor overflow.
            TensorPrimitives.Divide(v, Math.Abs(TensorPrimitives.MaxMagnitude<double>(v)), v);
            double factor = 2 / TensorPrimitives.SumOfSquares<double>(v);
            factors[k] = factor;
            Span<double> w = product.AsSpan(0, rest);
            for (int i = 0; i < rest; i++)
            {
                w[i] = factor * TensorPrimitives.Dot<double>(a.AsSpan(((k + 1 + i) * n) + k + 1, rest), v);
            }
            double half = factor / 2 * TensorPrimitives.Dot<double>(w, v);
            TensorPrimitives.MultiplyAdd(v, -half, w, w);
            for (int i = 0; i < rest; i++)
            {
                SubtractBoth(a.AsSpan(((k + 1 + i) * n) + k + 1, rest), v[i], w, w[i], v);
            }
        }
        for (int k = Math.Max(0, n - 2); k < n; k++)
        {
            diagonal[k] = a[(k * n) + k];
        }
        if (n > 1)
        {
            beside[n - 1] = a[((n - 1) * n) + n - 2];
        }
        return Accumulate(a, n, factors);
    }

    private static double[] Accumulate(double[] a, int n, double[] factors)
    {
        var transposed = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            transposed[(i * n) + i] = 1;
        }
        for (int k = n - 3; k >= 0; k--)
        {
            if (factors[k] == 0)
            {
                continue;
            }
            int rest = n - k - 1;
            double[] v = a.AsSpan((k * n) + k + 1, rest).ToArray();
            double factor = factors[k];
            int first = k + 1;
            Parallel.For(0, (rest + PanelWidth - 1) / PanelWidth, panel =>
            {
                for (int i = panel * PanelWidth; i < Math.Min((panel + 1) * PanelWidth, rest); i++)
                {
                    Span<double> row = transposed.AsSpan(((first + i) * n) + first, rest);
                    TensorPrimitives.MultiplyAdd(v, -factor * TensorPrimitives.Dot<double>(row, v), row, row);
                }
            });
        }
        return transposed;
    }

    /// <summary>Turns the tridiagonal matrix into its eigenvalues, and returns the rotations of neighbouring rows of Qᵀ.</summary>
    private static List<Rotation> Diagonalize(double[] d, double[] e)
    {
        int n = d.Length;
        var rotations = new List<Rotation>();
        for (int i = 1; i < n; i++)
        {
            e[i - 1] = e[i];
        }
        if (n > 0)
        {
            e[n - 1] = 0;
        }
        // Against the whole matrix, not against its neighbours: where eigenvalues are zero, rounding leaves entries that never get smaller.
        double negligible = 0;
        for (int i = 0; i < n; i++)
        {
            negligible = Math.Max(negligible, RelativeRounding * (Math.Abs(d[i]) + Math.Abs(e[i])));
        }
        for (int l = 0; l < n; l++)
        {
            for (int step = 0; ; step++)
            {
                int m = l;
                while (m < n - 1 && Math.Abs(e[m]) > negligible)
                {
                    m++;
                }
                if (m == l)
                {
                    break;
                }
                if (step == MaxSteps)
                {
                    throw new InvalidOperationException("The eigenvalues of a matrix could not be found. Check that the vectors are " +
                        "finite.");
                }
                Step(d, e, l, m, rotations);
            }
        }
        return rotations;
    }

    private static void Step(double[] d, double[] e, int l, int m, List<Rotation> rotations)
    {
        double g = (d[l + 1] - d[l]) / (2 * e[l]);
        double r = double.Hypot(g, 1);
        g = d[m] - d[l] + (e[l] / (g + (g >= 0 ? r : -r)));
        double s = 1, c = 1, p = 0;
        for (int i = m - 1; i >= l; i--)
        {
            double f = s * e[i], b = c * e[i];
            r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }
            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
            rotations.Add(new Rotation(i, c, s));
        }
        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    private static void Rotate(double[] vectors, int n, List<Rotation> rotations)
    {
        Parallel.For(0, (n + PanelWidth - 1) / PanelWidth, index =>
        {
            int first = index * PanelWidth, width = Math.Min(PanelWidth, n - first);
            var panel = new double[n * PanelWidth];
            for (int i = 0; i < n; i++)
            {
                vectors.AsSpan((i * n) + first, width).CopyTo(panel.AsSpan(i * PanelWidth));
            }
            foreach (Rotation rotation in rotations)
            {
                Span<double> low = panel.AsSpan(rotation.Row * PanelWidth, PanelWidth);
                Span<double> high = panel.AsSpan((rotation.Row + 1) * PanelWidth, PanelWidth);
                var cosine = new Vector<double>(rotation.Cosine);
                var sine = new Vector<double>(rotation.Sine);
                for (int j = 0; j < PanelWidth; j += Vector<double>.Count)
                {
                    var x = new Vector<double>(low[j..]);
                    var y = new Vector<double>(high[j..]);
                    ((sine * x) + (cosine * y)).CopyTo(high[j..]);
                    ((cosine * x) - (sine * y)).CopyTo(low[j..]);
                }
            }
            for (int i = 0; i < n; i++)
            {
                panel.AsSpan(i * PanelWidth, width).CopyTo(vectors.AsSpan((i * n) + first));
            }
        });
    }

    private static (double[] Values, double[] Vectors) Sorted(double[] values, double[] vectors, int n)
    {
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => values[i])];
        var sorted = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            Span<double> target = sorted.AsSpan(i * n, n);
            vectors.AsSpan(order[i] * n, n).CopyTo(target);
            FixSign(target);
        }
        return ([.. order.Select(i => values[i])], sorted);
    }

    private static double SumOfSquares(ReadOnlySpan<double> values, double scale)
    {
        double sum = 0;
        foreach (double value in values)
        {
            double scaled = value / scale;
            sum += scaled * scaled;
        }
        return sum;
    }

    /// <summary>target −= a · x + b · y.</summary>
    private static void SubtractBoth(Span<double> target, double a, ReadOnlySpan<double> x, double b, ReadOnlySpan<double> y)
    {
        var first = new Vector<double>(a);
        var second = new Vector<double>(b);
        int i = 0;
        for (; i <= target.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> both = (first * new Vector<double>(x[i..])) + (second * new Vector<double>(y[i..]));
            (new Vector<double>(target[i..]) - both).CopyTo(target[i..]);
        }
        for (; i < target.Length; i++)
        {
            target[i] -= (a * x[i]) + (b * y[i]);
        }
    }

    private readonly record struct Rotation(int Row, double Cosine, double Sine);
}
