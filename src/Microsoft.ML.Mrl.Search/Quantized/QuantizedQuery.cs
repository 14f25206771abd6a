using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Quantized;

/// <summary>A query as it is compared with quantized vectors: cut, of unit length, and for signed bytes multiplied by what a code is
/// worth.</summary>
internal sealed class QuantizedQuery
{
    private readonly EmbeddingType _type;
    private readonly float[] _values;
    private readonly byte[] _bits;
    private readonly float _offset;

    /// <param name="query">The query, <c>[m]</c> or wider.</param>
    /// <param name="type">What the vectors are stored as.</param>
    /// <param name="dimensions">Their width m.</param>
    /// <param name="ranges">The ranges of signed bytes.</param>
    /// <param name="number">The query's number among others, for errors.</param>
    /// <exception cref="ArgumentException">The query is too short, or has a NaN or an infinity.</exception>
    public QuantizedQuery(ReadOnlySpan<float> query, EmbeddingType type, int dimensions, Int8Ranges? ranges, int number)
    {
        if (query.Length < dimensions)
        {
            throw new ArgumentException($"The query has {query.Length} values, and the vectors {dimensions}. Give a query of at least as " +
                "many.", nameof(query));
        }
        query = query[..dimensions];
        if (FiniteValues.FirstNotFinite(query) is var slot and >= 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Query {number} has {query[slot]} in slot {slot} (both counted from 0), which is like nothing."), nameof(query));
        }
        _type = type;
        _values = new float[dimensions];
        _bits = [];
        UnitLength.Write(query, _values);
        if (type == EmbeddingType.Int8)
        {
            _offset = ranges!.Fold(_values, _values);
        }
        else if (type == EmbeddingType.Binary)
        {
            _bits = new byte[BinaryCodec.ByteCount(dimensions)];
            BinaryCodec.Pack(_values, _bits);
            TensorPrimitives.Divide(_values, MathF.Sqrt(dimensions), _values);
        }
    }

    /// <summary>The product with what a row stands for, which the row's length must still divide; for bits it is the cosine.</summary>
    public float Compare(ReadOnlySpan<byte> row) => _type switch
    {
        EmbeddingType.Half => HalfKernel.Dot(_values, MemoryMarshal.Cast<byte, short>(row)),
        EmbeddingType.Int8 => _offset + Int8Kernel.Dot(_values, MemoryMarshal.Cast<byte, sbyte>(row)),
        EmbeddingType.Binary => BinaryKernel.DotSigns(_values, row),
        _ => TensorPrimitives.Dot(_values, MemoryMarshal.Cast<byte, float>(row)),
    };

    /// <summary>The cosine of the query's signs with a row's.</summary>
    public float CompareBits(ReadOnlySpan<byte> row) => 1 - (2f * BinaryKernel.Hamming(_bits, row) / _values.Length);
}
