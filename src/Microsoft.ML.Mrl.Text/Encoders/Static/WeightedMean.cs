using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Computes the weighted mean of rows of a table, which is the embedding of a text by a static encoder.</summary>
internal static class WeightedMean
{
    private const int RowsAtOnce = 512;

    /// <summary>
    /// Σ weight · row / count; zeros for no row. Long texts are added up in blocks, so that rounding stays as small as in short ones.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="count">The number of tokens.</param>
    /// <param name="table">The table.</param>
    /// <param name="width">The width of its rows.</param>
    /// <param name="embedding">Receives the mean of the rows' first values, as many as there is room for.</param>
    public static void Write(
        ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, int count, ReadOnlySpan<float> table, int width, Span<float> embedding)
    {
        embedding.Clear();
        if (count == 0)
        {
            return;
        }
        if (rows.Length <= RowsAtOnce)
        {
            AddRows(rows, weights, table, width, embedding);
        }
        else
        {
            var sum = new double[embedding.Length];
            for (int start = 0; start < rows.Length; start += RowsAtOnce)
            {
                int length = Math.Min(RowsAtOnce, rows.Length - start);
                embedding.Clear();
                AddRows(rows.Slice(start, length), weights.Slice(start, length), table, width, embedding);
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += embedding[i];
                }
            }
            TensorPrimitives.ConvertTruncating<double, float>(sum, embedding);
        }
        TensorPrimitives.Multiply(embedding, 1f / count, embedding);
    }

    private static void AddRows(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> table, int width, Span<float> sum)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<float> row = table.Slice(rows[i] * width, sum.Length);
            if (weights[i] == 1)
            {
                TensorPrimitives.Add(sum, row, sum);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(row, weights[i], sum, sum);
            }
        }
    }
}
