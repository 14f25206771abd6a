using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl;

/// <summary>Products with sparse rows, which libtorch's binding has no fast way for.</summary>
internal static class RowProducts
{
    /// <summary>Columns that one worker handles in <see cref="TransposeTimes"/>; fixed, so that the result does not depend on the machine.</summary>
    private const int ColumnsAtOnce = 64;

    /// <summary>Adds every row to a sum, in double precision.</summary>
    public static void AddTo(double[] sum, VectorRows rows)
    {
        if (rows is SparseRows sparse)
        {
            for (int i = 0; i < sparse.Values.Length; i++)
            {
                sum[sparse.Indices[i]] += sparse.Values[i];
            }
            return;
        }
        float[] values = ((DenseRows)rows).Values;
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> source = values.AsSpan((int)((long)row * rows.Width), rows.Width);
            for (int i = 0; i < source.Length; i++)
            {
                sum[i] += source[i];
            }
        }
    }

    /// <summary>X · right: sparse <c>[N, D]</c> times dense <c>[D, K]</c>.</summary>
    public static Tensor Times(SparseRows rows, Tensor right)
    {
        int columns = (int)right.shape[1];
        float[] factor = ToArray(right);
        var result = new float[(long)rows.Count * columns];
        Parallel.For(0, rows.Count, row =>
        {
            Span<float> target = result.AsSpan(row * columns, columns);
            ReadOnlySpan<int> indices = rows.RowIndices(row);
            ReadOnlySpan<float> values = rows.RowValues(row);
            for (int i = 0; i < indices.Length; i++)
            {
                TensorPrimitives.MultiplyAdd(factor.AsSpan(indices[i] * columns, columns), values[i], target, target);
            }
        });
        return tensor(result, [rows.Count, columns]);
    }

    /// <summary>Xᵀ · right: sparse <c>[N, D]</c> transposed, times dense <c>[N, K]</c>.</summary>
    public static Tensor TransposeTimes(SparseRows rows, Tensor right)
    {
        int columns = (int)right.shape[1];
        float[] factor = ToArray(right);
        var result = new float[(long)rows.Width * columns];
        Parallel.For(0, (columns + ColumnsAtOnce - 1) / ColumnsAtOnce, block =>
        {
            int start = block * ColumnsAtOnce;
            int length = Math.Min(ColumnsAtOnce, columns - start);
            for (int row = 0; row < rows.Count; row++)
            {
                ReadOnlySpan<float> source = factor.AsSpan(row * columns + start, length);
                ReadOnlySpan<int> indices = rows.RowIndices(row);
                ReadOnlySpan<float> values = rows.RowValues(row);
                for (int i = 0; i < indices.Length; i++)
                {
                    Span<float> target = result.AsSpan(indices[i] * columns + start, length);
                    TensorPrimitives.MultiplyAdd(source, values[i], target, target);
                }
            }
        });
        return tensor(result, [rows.Width, columns]);
    }

    public static float[] ToArray(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
