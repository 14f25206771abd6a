using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>
/// Defines the annotations of a quantized column that describe its items, so that it can be read without further settings.
/// </summary>
internal static class QuantizationAnnotations
{
    /// <summary>Text: the name of an <see cref="EmbeddingType"/>.</summary>
    public const string Type = "MrlEmbeddingType";

    /// <summary>Int32: the number of values m, which the width of a binary column does not tell.</summary>
    public const string Dimensions = "MrlEmbeddingDimensions";

    /// <summary>A known-size vector of Single: <see cref="Int8Ranges.Minimum"/>.</summary>
    public const string Minimum = "MrlInt8Minimum";

    /// <summary>A known-size vector of Single: <see cref="Int8Ranges.Maximum"/>.</summary>
    public const string Maximum = "MrlInt8Maximum";

    public static void Add(DataViewSchema.Annotations.Builder builder, EmbeddingType type, int dimensions, Int8Ranges? ranges)
    {
        builder.Add(Type, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = type.ToString().AsMemory());
        builder.Add(Dimensions, NumberDataViewType.Int32, (ref int value) => value = dimensions);
        if (ranges is not null)
        {
            AddVector(builder, Minimum, ranges.Minimum.ToArray());
            AddVector(builder, Maximum, ranges.Maximum.ToArray());
        }
    }

    /// <summary>Returns the shapes of the annotations that <see cref="Add"/> adds.</summary>
    public static IEnumerable<SchemaShape.Column> Shapes(EmbeddingType type)
    {
        yield return new SchemaShape.Column(Type, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false);
        yield return new SchemaShape.Column(Dimensions, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, false);
        if (type == EmbeddingType.Int8)
        {
            yield return new SchemaShape.Column(Minimum, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
            yield return new SchemaShape.Column(Maximum, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        }
    }

    /// <summary>Reads what a column stands for; false where it does not say so, or its own type is not what it says.</summary>
    public static bool TryRead(DataViewSchema.Column column, [NotNullWhen(true)] out QuantizedColumn? quantized)
    {
        quantized = null;
        DataViewSchema annotations = column.Annotations.Schema;
        if (annotations.GetColumnOrNull(Type)?.Type is not TextDataViewType
            || annotations.GetColumnOrNull(Dimensions)?.Type != NumberDataViewType.Int32
            || column.Type is not VectorDataViewType { IsKnownSize: true } vector)
        {
            return false;
        }
        ReadOnlyMemory<char> name = default;
        int dimensions = 0;
        column.Annotations.GetValue(Type, ref name);
        column.Annotations.GetValue(Dimensions, ref dimensions);
        if (!Enum.TryParse(name.Span, out EmbeddingType type) || !Enum.IsDefined(type) || dimensions < 1
            || vector.ItemType != EmbeddingTypes.ItemType(type) || vector.Size != EmbeddingTypes.Items(type, dimensions))
        {
            return false;
        }
        Int8Ranges? ranges = type == EmbeddingType.Int8 ? ReadRanges(column, dimensions) : null;
        if (type == EmbeddingType.Int8 && ranges is null)
        {
            return false;
        }
        quantized = new QuantizedColumn(type, dimensions, ranges);
        return true;
    }

    private static Int8Ranges? ReadRanges(DataViewSchema.Column column, int dimensions)
    {
        if (ReadVector(column, Minimum) is not { } minimum || ReadVector(column, Maximum) is not { } maximum
            || minimum.Length != dimensions || maximum.Length != dimensions)
        {
            return null;
        }
        try
        {
            return new Int8Ranges(minimum, maximum);
        }
        catch (ArgumentException)
        {
            // Numbers that no range can have: the column is not what it says.
            return null;
        }
    }

    private static float[]? ReadVector(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind)?.Type is not VectorDataViewType { IsKnownSize: true } type
            || type.ItemType != NumberDataViewType.Single)
        {
            return null;
        }
        VBuffer<float> values = default;
        column.Annotations.GetValue(kind, ref values);
        return [.. values.DenseValues()];
    }

    private static void AddVector(DataViewSchema.Annotations.Builder builder, string kind, float[] values)
        => builder.Add(
            kind,
            new VectorDataViewType(NumberDataViewType.Single, values.Length),
            (ref VBuffer<float> target) => new VBuffer<float>(values.Length, values).CopyTo(ref target));
}
