using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Describes the representation of each <see cref="EmbeddingType"/> in a view and in memory.</summary>
internal static class EmbeddingTypes
{
    /// <summary>Returns the items of a vector of m values.</summary>
    public static int Items(EmbeddingType type, int dimensions)
        => type == EmbeddingType.Binary ? BinaryCodec.ByteCount(dimensions) : dimensions;

    /// <summary>Returns the bytes of a vector of m values.</summary>
    public static long Bytes(EmbeddingType type, int dimensions) => type switch
    {
        EmbeddingType.Single => 4L * dimensions,
        EmbeddingType.Half => 2L * dimensions,
        EmbeddingType.Int8 => dimensions,
        _ => BinaryCodec.ByteCount(dimensions),
    };

    /// <summary>Returns the type of an item in a view.</summary>
    public static PrimitiveDataViewType ItemType(EmbeddingType type) => type switch
    {
        EmbeddingType.Single => NumberDataViewType.Single,
        EmbeddingType.Half => NumberDataViewType.UInt16,
        EmbeddingType.Int8 => NumberDataViewType.SByte,
        _ => NumberDataViewType.Byte,
    };

    /// <summary>Returns the name that storage formats use: float32, float16, int8, binary.</summary>
    public static string Name(EmbeddingType type) => type switch
    {
        EmbeddingType.Single => "float32",
        EmbeddingType.Half => "float16",
        EmbeddingType.Int8 => "int8",
        _ => "binary",
    };
}
