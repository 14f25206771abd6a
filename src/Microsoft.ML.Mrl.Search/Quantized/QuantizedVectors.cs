using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the quantized vectors of a column in one block of memory. A search compares all of them, and <see cref="Rescore"/> re-ranks
/// the hits of another search.
/// </summary>
/// <remarks>
/// <para>
/// The query stays in single precision. It is cut to the vectors' width m if it is wider, and rescaled to unit length, so that scores are
/// cosines of the cut query with what is stored: with the values that signed bytes or halves stand for, and with the ±1 of bits. Only
/// <see cref="Search"/> among bits takes the query's bits as well, and its score is the cosine of two vectors of ±1: 1 − 2 · Hamming / m.
/// That is fast and coarse. Search for more rows than you need and <see cref="Rescore"/> them, as sentence-transformers does
/// (<c>semantic_search_usearch</c> with <c>rescore_multiplier</c>). <see cref="MrlSearchOperations.TuneRescoring"/> tells how many.
/// </para>
/// <para>
/// A row takes the bytes of its values and, for signed bytes and halves, 4 more for its length. All bytes must fit in one array, 2 GB.
/// Equal scores go to the earlier row. Immutable and safe for concurrent use. Large searches run on several threads, which makes no
/// difference to the results.
/// </para>
/// </remarks>
public sealed partial class QuantizedVectors
{
    private readonly byte[] _bytes;
    private readonly float[] _inverses;
    private readonly int _stride;

    private QuantizedVectors(QuantizedColumn column, byte[] bytes, int count)
    {
        Type = column.Type;
        Dimensions = column.Dimensions;
        Ranges = column.Ranges;
        Count = count;
        _bytes = bytes;
        _stride = (int)EmbeddingTypes.Bytes(Type, Dimensions);
        _inverses = Type == EmbeddingType.Binary ? [] : new float[count];
        var values = new float[Dimensions];
        for (int row = 0; row < _inverses.Length; row++)
        {
            Dequantize(row, values);
            _inverses[row] = (float)(1 / Math.Max(Math.Sqrt(PrefixNorms.Dot(values, values)), PrefixNorms.Smallest));
        }
    }

    /// <summary>What the values are stored as.</summary>
    public EmbeddingType Type { get; }

    /// <summary>The number of values m of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>The number of vectors N.</summary>
    public int Count { get; }

    /// <summary>The ranges of signed bytes; <see langword="null"/> for other types.</summary>
    internal Int8Ranges? Ranges { get; }

    /// <summary>Reads a column that QuantizeEmbedding made, in any view that kept its annotations.</summary>
    /// <param name="data">The rows; there may be none.</param>
    /// <param name="columnName">The column.</param>
    /// <exception cref="ArgumentNullException"><paramref name="data"/> or <paramref name="columnName"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or QuantizeEmbedding did not make it.</exception>
    /// <exception cref="InvalidOperationException">There are more rows than fit in one array.</exception>
    public static QuantizedVectors Read(IDataView data, string columnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(columnName);
        DataViewSchema.Column column = SchemaErrors.Find(data.Schema, columnName, "quantized", nameof(columnName));
        QuantizedColumn quantized = QuantizedColumn.Of(column, "quantized", nameof(columnName));
        return quantized.Type switch
        {
            EmbeddingType.Half => Read<ushort>(data, column, quantized),
            EmbeddingType.Int8 => Read<sbyte>(data, column, quantized),
            EmbeddingType.Binary => Read<byte>(data, column, quantized),
            _ => Read<float>(data, column, quantized),
        };
    }

    /// <summary>Quantizes rows: cut, then unit length, then quantize.</summary>
    /// <param name="rows">The rows, <c>[N, D]</c>, finite.</param>
    /// <param name="type">What to store.</param>
    /// <param name="dimensions">The prefix length m, 1..D.</param>
    /// <param name="ranges">The ranges of signed bytes, of m dimensions; null for other types.</param>
    internal static QuantizedVectors From(EmbeddingMatrix rows, EmbeddingType type, int dimensions, Int8Ranges? ranges)
    {
        int stride = (int)EmbeddingTypes.Bytes(type, dimensions);
        var bytes = new byte[checked(rows.Count * stride)];
        Parallel.For(0, (rows.Count + 255) / 256, part =>
        {
            var cut = new float[dimensions];
            for (int row = part * 256; row < Math.Min((part + 1) * 256, rows.Count); row++)
            {
                UnitLength.Write(rows.Row(row)[..dimensions], cut);
                Span<byte> target = bytes.AsSpan(row * stride, stride);
                switch (type)
                {
                    case EmbeddingType.Half:
                        HalfCodec.Quantize(cut, MemoryMarshal.Cast<byte, Half>(target));
                        break;
                    case EmbeddingType.Int8:
                        ranges!.QuantizeFinite(cut, MemoryMarshal.Cast<byte, sbyte>(target));
                        break;
                    case EmbeddingType.Binary:
                        BinaryCodec.Pack(cut, target);
                        break;
                    default:
                        cut.CopyTo(MemoryMarshal.Cast<byte, float>(target));
                        break;
                }
            }
        });
        return new QuantizedVectors(new QuantizedColumn(type, dimensions, ranges), bytes, rows.Count);
    }

    /// <summary>The vector that a row stands for: for bits ±1/√m.</summary>
    /// <param name="row">The row.</param>
    /// <param name="values">Room for m values.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException">There is room for another number of values.</exception>
    public void Dequantize(int row, Span<float> values)
    {
        CheckRow(row);
        if (values.Length != Dimensions)
        {
            throw new ArgumentException($"The vectors have {Dimensions} values; there is room for {values.Length}.", nameof(values));
        }
        ReadOnlySpan<byte> source = Bytes(row);
        switch (Type)
        {
            case EmbeddingType.Half:
                HalfCodec.Dequantize(MemoryMarshal.Cast<byte, Half>(source), values);
                break;
            case EmbeddingType.Int8:
                Ranges!.Dequantize(MemoryMarshal.Cast<byte, sbyte>(source), values);
                break;
            case EmbeddingType.Binary:
                BinaryCodec.Unpack(source, values);
                break;
            default:
                MemoryMarshal.Cast<byte, float>(source).CopyTo(values);
                break;
        }
    }

    private ReadOnlySpan<byte> Bytes(int row) => _bytes.AsSpan(row * _stride, _stride);

    private static QuantizedVectors Read<T>(IDataView data, DataViewSchema.Column column, QuantizedColumn quantized)
        where T : unmanaged
    {
        int stride = (int)EmbeddingTypes.Bytes(quantized.Type, quantized.Dimensions), count = 0;
        var bytes = new byte[Math.Min((data.GetRowCount() ?? 1024) * stride, Array.MaxLength)];
        VBuffer<T> buffer = default;
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<VBuffer<T>> read = cursor.GetGetter<VBuffer<T>>(column);
        while (cursor.MoveNext())
        {
            if ((count + 1L) * stride > bytes.Length)
            {
                if ((count + 1L) * stride > Array.MaxLength)
                {
                    throw new InvalidOperationException(string.Create(
                        CultureInfo.InvariantCulture, $"Column '{column.Name}' has more than {count} rows of {stride} bytes, too many to " +
                        $"hold in one array. Split the rows, or choose fewer bytes a vector."));
                }
                Array.Resize(ref bytes, (int)Math.Min(Math.Max(2L * bytes.Length, 1024L * stride), Array.MaxLength));
            }
            read(ref buffer);
            buffer.CopyTo(MemoryMarshal.Cast<byte, T>(bytes.AsSpan(count * stride, stride)));
            count++;
        }
        return new QuantizedVectors(quantized, bytes, count);
    }

    private void CheckRow(long row)
    {
        if ((ulong)row >= (ulong)Count)
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"There is no row {row} among {Count} (counted from 0).");
        }
    }
}
