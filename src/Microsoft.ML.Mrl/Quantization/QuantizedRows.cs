using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Quantizes rows and dequantizes them again.</summary>
internal static class QuantizedRows
{
    private const int RowsAtOnce = 256;

    /// <summary>Returns the ranges of the unit-length prefixes of rows.</summary>
    public static Int8Ranges FindRanges(EmbeddingMatrix rows, int dimensions)
    {
        var counter = new RangeCounter(dimensions);
        var cut = new float[dimensions];
        for (int i = 0; i < rows.Count; i++)
        {
            UnitLength.Write(rows.Row(i)[..dimensions], cut);
            counter.Add(cut);
        }
        return counter.ToRanges();
    }

    /// <summary>
    /// Cuts, rescales, quantizes and dequantizes rows. Single precision is only cut and rescaled. Bits become ±1, so that equal cosines are
    /// equal to the last digit.
    /// </summary>
    /// <param name="rows">The rows, <c>[N, D]</c>, finite.</param>
    /// <param name="type">The type.</param>
    /// <param name="dimensions">The prefix length m.</param>
    /// <param name="ranges">The ranges of signed bytes, of m dimensions.</param>
    /// <returns>The rows, <c>[N, m]</c>.</returns>
    public static EmbeddingMatrix RoundTrip(EmbeddingMatrix rows, EmbeddingType type, int dimensions, Int8Ranges? ranges)
    {
        var values = new float[checked(rows.Count * dimensions)];
        Parallel.For(0, (rows.Count + RowsAtOnce - 1) / RowsAtOnce, part =>
        {
            var halves = new Half[type == EmbeddingType.Half ? dimensions : 0];
            var codes = new sbyte[type == EmbeddingType.Int8 ? dimensions : 0];
            for (int row = part * RowsAtOnce; row < Math.Min((part + 1) * RowsAtOnce, rows.Count); row++)
            {
                Span<float> target = values.AsSpan(row * dimensions, dimensions);
                UnitLength.Write(rows.Row(row)[..dimensions], target);
                switch (type)
                {
                    case EmbeddingType.Half:
                        HalfCodec.Quantize(target, halves);
                        HalfCodec.Dequantize(halves, target);
                        break;
                    case EmbeddingType.Int8:
                        ranges!.QuantizeFinite(target, codes);
                        ranges.Dequantize(codes, target);
                        break;
                    case EmbeddingType.Binary:
                        foreach (ref float value in target)
                        {
                            value = value > 0 ? 1 : -1;
                        }
                        break;
                }
            }
        });
        return new EmbeddingMatrix(values, rows.Count, dimensions);
    }
}
