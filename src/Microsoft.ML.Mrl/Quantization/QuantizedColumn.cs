using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Represents the description of a quantized column, from its annotations.</summary>
/// <param name="Type">The type.</param>
/// <param name="Dimensions">The number of values m.</param>
/// <param name="Ranges">The ranges of signed bytes, null for other types.</param>
internal sealed record QuantizedColumn(EmbeddingType Type, int Dimensions, Int8Ranges? Ranges)
{
    /// <summary>What an error says was expected of a column that is none.</summary>
    public const string Expected = "known-size vector of SByte, Byte or UInt16 with the annotations that QuantizeEmbedding gives it";

    /// <summary>Returns the description of a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is not quantized, or does not say how.</exception>
    public static QuantizedColumn Of(DataViewSchema.Column column, string role, string parameterName)
        => QuantizationAnnotations.TryRead(column, out QuantizedColumn? quantized)
            ? quantized
            : throw SchemaErrors.Mismatch(parameterName, role, column.Name, Expected, column.Type.ToString()! + " without it");
}
