using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Vectors.Decomposition;

/// <summary>Represents the lower triangle of a symmetric matrix or of its Cholesky factor, row after row.</summary>
internal sealed class LowerTriangle
{
    private readonly double[][] _rows;

    /// <param name="width">The number of rows and columns.</param>
    public LowerTriangle(int width) => _rows = [.. Enumerable.Range(1, width).Select(length => new double[length])];

    /// <summary>Returns a row up to the diagonal.</summary>
    public Span<double> Row(int index) => _rows[index];

    public void AddToDiagonal(double value)
    {
        foreach (double[] row in _rows)
        {
            row[^1] += value;
        }
    }

    /// <summary>Replaces A by L, where A = LLᵀ is positive definite.</summary>
    public void Factorize()
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            double[] row = _rows[i];
            for (int j = 0; j <= i; j++)
            {
                double rest = row[j] - TensorPrimitives.Dot(row.AsSpan(0, j), _rows[j].AsSpan(0, j));
                row[j] = j < i ? rest / _rows[j][j] : Math.Sqrt(rest);
            }
        }
    }

    /// <summary>Replaces B, <c>[width, columns]</c>, by L⁻¹B.</summary>
    public void Solve(double[] values, int columns)
    {
        for (int j = 0; j < _rows.Length; j++)
        {
            Span<double> target = values.AsSpan(j * columns, columns);
            for (int k = 0; k < j; k++)
            {
                TensorPrimitives.MultiplyAdd(values.AsSpan(k * columns, columns), -_rows[j][k], target, target);
            }
            TensorPrimitives.Divide(target, _rows[j][j], target);
        }
    }

    /// <summary>Replaces B, <c>[width, columns]</c>, by L⁻ᵀB.</summary>
    public void SolveTransposed(double[] values, int columns)
    {
        for (int j = _rows.Length - 1; j >= 0; j--)
        {
            Span<double> solved = values.AsSpan(j * columns, columns);
            TensorPrimitives.Divide(solved, _rows[j][j], solved);
            for (int k = 0; k < j; k++)
            {
                Span<double> target = values.AsSpan(k * columns, columns);
                TensorPrimitives.MultiplyAdd(solved, -_rows[j][k], target, target);
            }
        }
    }

    /// <summary>Replaces each vector b, <c>[width]</c>, by L⁻¹b.</summary>
    public void Solve(ReadOnlySpan<double[]> vectors)
    {
        for (int j = 0; j < _rows.Length; j++)
        {
            double[] row = _rows[j];
            foreach (double[] vector in vectors)
            {
                vector[j] = (vector[j] - TensorPrimitives.Dot(row.AsSpan(0, j), vector.AsSpan(0, j))) / row[j];
            }
        }
    }
}
