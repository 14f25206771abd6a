using System.Numerics;
using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Mrl.Vectors.Decomposition;

namespace Microsoft.ML.Mrl.Evaluation.Probe;

/// <summary>
/// Represents rows that are rescaled to unit length at the full width and centered, in double precision. They are computed a few at a time
/// and never all held.
/// </summary>
internal sealed class CenteredRows
{
    private const int RowsAtOnce = 128;
    private const int ColumnsAtOnce = 64;

    private readonly EmbeddingMatrix _rows;

    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    public CenteredRows(EmbeddingMatrix rows)
    {
        _rows = rows;
        Mean = new double[rows.Width];
        for (int i = 0; i < rows.Count; i++)
        {
            WideSums.Add(rows.Row(i), Length(rows.Row(i)), Mean);
        }
        for (int c = 0; c < Mean.Length; c++)
        {
            Mean[c] /= rows.Count;
        }
    }

    /// <summary>Gets the mean μ of the rescaled rows, <c>[D]</c>.</summary>
    public double[] Mean { get; }

    /// <summary>Returns the first values of a row that is rescaled and then centered, <c>[width]</c>.</summary>
    public static double[] Center(ReadOnlySpan<float> row, double[] mean, int width)
    {
        double length = Length(row);
        var centered = new double[width];
        for (int c = 0; c < width; c++)
        {
            centered[c] = (row[c] / length) - mean[c];
        }
        return centered;
    }

    /// <summary>Computes tr(ZᵀZ), the sum of the squared lengths of all rows at the full width.</summary>
    public double SquaredLengths()
    {
        double sum = 0;
        for (int i = 0; i < _rows.Count; i++)
        {
            ReadOnlySpan<float> row = _rows.Row(i);
            double length = Length(row);
            for (int c = 0; c < row.Length; c++)
            {
                double value = (row[c] / length) - Mean[c];
                sum += value * value;
            }
        }
        return sum;
    }

    /// <summary>Computes ZᵀY, the sums of the rows of each class, <c>[width, C]</c>.</summary>
    public double[] ClassSums(int[] labels, int classes, int width)
    {
        var sums = new double[width * classes];
        for (int i = 0; i < _rows.Count; i++)
        {
            double[] row = Center(_rows.Row(i), Mean, width);
            for (int c = 0; c < width; c++)
            {
                sums[(c * classes) + labels[i]] += row[c];
            }
        }
        return sums;
    }

    /// <summary>Computes the lower triangle of ZᵀZ over the first columns.</summary>
    public LowerTriangle Gram(int width, ParallelOptions parallel)
    {
        var gram = new LowerTriangle(width);
        // Columns outermost, [width, rows at once]: a value of the Gram matrix is the dot product of two columns.
        var columns = new double[width * RowsAtOnce];
        for (int first = 0; first < _rows.Count; first += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, _rows.Count - first);
            Array.Clear(columns);
            int start = first;
            Parallel.For(0, count, parallel, i =>
            {
                double[] row = Center(_rows.Row(start + i), Mean, width);
                for (int c = 0; c < width; c++)
                {
                    columns[(c * RowsAtOnce) + i] = row[c];
                }
            });
            Parallel.For(0, (width + ColumnsAtOnce - 1) / ColumnsAtOnce, parallel, block =>
            {
                for (int c = block * ColumnsAtOnce; c < Math.Min((block + 1) * ColumnsAtOnce, width); c++)
                {
                    AddProducts(columns, c, gram.Row(c));
                }
            });
        }
        return gram;
    }

    private static void AddProducts(double[] columns, int column, Span<double> target)
    {
        ReadOnlySpan<double> own = columns.AsSpan(column * RowsAtOnce, RowsAtOnce);
        int other = 0;
        for (; other + 4 <= target.Length; other += 4)
        {
            ReadOnlySpan<double> others = columns.AsSpan(other * RowsAtOnce, 4 * RowsAtOnce);
            Vector<double> a = default, b = default, c = default, d = default;
            for (int i = 0; i < RowsAtOnce; i += Vector<double>.Count)
            {
                var value = new Vector<double>(own[i..]);
                a += value * new Vector<double>(others[i..]);
                b += value * new Vector<double>(others[(RowsAtOnce + i)..]);
                c += value * new Vector<double>(others[((2 * RowsAtOnce) + i)..]);
                d += value * new Vector<double>(others[((3 * RowsAtOnce) + i)..]);
            }
            target[other] += Vector.Sum(a);
            target[other + 1] += Vector.Sum(b);
            target[other + 2] += Vector.Sum(c);
            target[other + 3] += Vector.Sum(d);
        }
        for (; other < target.Length; other++)
        {
            target[other] += TensorPrimitives.Dot(own, columns.AsSpan(other * RowsAtOnce, RowsAtOnce));
        }
    }

    private static double Length(ReadOnlySpan<float> row) => Math.Max(Math.Sqrt(PrefixNorms.Dot(row, row)), PrefixNorms.Smallest);
}
