using System.Numerics.Tensors;
using Microsoft.ML.Mrl.TorchSharp.Data;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Space;

/// <summary>Computes products with sparse rows, for which the binding of libtorch has no fast function.</summary>
internal static class RowProducts
{
    /// <summary>
    /// Columns that one worker handles in <see cref="AddTransposeTimes"/>; fixed, so that the result does not depend on the machine.
    /// </summary>
    private const int ColumnsAtOnce = 64;

    private const int BlockValues = 1 << 20;

    /// <summary>Adds every row to a sum, in double precision.</summary>
    public static void AddTo(double[] sum, VectorRows rows)
    {
        if (rows is SparseRows sparse)
        {
            for (int row = 0; row < sparse.Count; row++)
            {
                ReadOnlySpan<int> indices = sparse.RowIndices(row);
                ReadOnlySpan<float> values = sparse.RowValues(row);
                for (int i = 0; i < indices.Length; i++)
                {
                    sum[indices[i]] += values[i];
                }
            }
            return;
        }
        var dense = (DenseRows)rows;
        int rowsAtOnce = Math.Max(1, BlockValues / rows.Width);
        var block = new float[rowsAtOnce * rows.Width];
        for (long first = 0; first < rows.Count; first += rowsAtOnce)
        {
            Span<float> values = block.AsSpan(0, (int)Math.Min(rowsAtOnce, rows.Count - first) * rows.Width);
            dense.Read((int)first, values);
            for (; values.Length > 0; values = values[rows.Width..])
            {
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += values[i];
                }
            }
        }
    }

    /// <summary>X · right: some rows of sparse <c>[N, D]</c> times dense <c>[D, K]</c>.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="right">The right side's numbers.</param>
    /// <param name="columns">Its columns K.</param>
    public static Tensor Times(SparseRows rows, int start, int count, float[] right, int columns)
    {
        var result = new float[(long)count * columns];
        Parallel.For(0, count, row =>
        {
            Span<float> target = result.AsSpan(row * columns, columns);
            ReadOnlySpan<int> indices = rows.RowIndices(start + row);
            ReadOnlySpan<float> values = rows.RowValues(start + row);
            for (int i = 0; i < indices.Length; i++)
            {
                TensorPrimitives.MultiplyAdd(right.AsSpan(indices[i] * columns, columns), values[i], target, target);
            }
        });
        return tensor(result, [count, columns]);
    }

    /// <summary>Adds Xᵀ · right: some rows of sparse <c>[N, D]</c> transposed, times dense <c>[n, K]</c>.</summary>
    /// <param name="sum">What is added to, <c>[D, K]</c>.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="start">The first of them; there are as many as the right side has.</param>
    /// <param name="right">The right side.</param>
    public static unsafe void AddTransposeTimes(Span<float> sum, SparseRows rows, int start, Tensor right)
    {
        int count = (int)right.shape[0];
        int columns = (int)right.shape[1];
        float[] factor = ToArray(right);
        int length = sum.Length;
        fixed (float* pinned = sum)
        {
            // A lambda cannot hold a pointer, but a number.
            nint result = (nint)pinned;
            Parallel.For(0, (columns + ColumnsAtOnce - 1) / ColumnsAtOnce, block =>
            {
                var all = new Span<float>((float*)result, length);
                int first = block * ColumnsAtOnce;
                int some = Math.Min(ColumnsAtOnce, columns - first);
                for (int row = 0; row < count; row++)
                {
                    ReadOnlySpan<float> source = factor.AsSpan(row * columns + first, some);
                    ReadOnlySpan<int> indices = rows.RowIndices(start + row);
                    ReadOnlySpan<float> values = rows.RowValues(start + row);
                    for (int i = 0; i < indices.Length; i++)
                    {
                        Span<float> target = all.Slice(indices[i] * columns + first, some);
                        TensorPrimitives.MultiplyAdd(source, values[i], target, target);
                    }
                }
            });
        }
    }

    public static float[] ToArray(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
