using System.Globalization;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl;

/// <summary>What was measured with the embeddings cut at one dimension and stored as one type.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class QuantizationRow
{
    private readonly DimensionRow _row;

    internal QuantizationRow(EmbeddingType type, DimensionRow row)
    {
        Type = type;
        _row = row;
    }

    /// <summary>The type that vectors were stored as.</summary>
    public EmbeddingType Type { get; }

    /// <summary>The prefix length m at which every vector was cut, then rescaled to unit length, then quantized.</summary>
    public int Dimensions => _row.Dimensions;

    /// <summary>The bytes that the values of one vector take.</summary>
    public long BytesPerVector => EmbeddingTypes.Bytes(Type, Dimensions);

    /// <summary>The report's primary metric here divided by the same metric at the full width in single precision. <see cref="double.NaN"/> where that was not evaluated, or is 0 or NaN.</summary>
    public double ShareOfFull => _row.ShareOfFull;

    /// <inheritdoc cref="DimensionRow.this[string]"/>
    public double this[string metric] => _row[metric];

    /// <summary>Type, dimension and metrics on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{EmbeddingTypes.Name(Type)}, {_row}");
}
