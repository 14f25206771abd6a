using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl;

/// <summary>The annotations that a Matryoshka embedding column carries along the pipeline.</summary>
internal static class EmbeddingAnnotations
{
    /// <summary>A known-size vector of Int32: the prefix lengths that were trained, ascending.</summary>
    public const string TrainedDimensions = "MrlTrainedDimensions";

    /// <summary>Text: <see cref="EmbeddingHead.Fingerprint"/>.</summary>
    public const string HeadFingerprint = "MrlHeadFingerprint";

    /// <summary>Reads the trained dimensions of a column, if it says any.</summary>
    public static MatryoshkaDimensions? TryGetTrainedDimensions(DataViewSchema.Column column)
    {
        DataViewSchema.Column? annotation = column.Annotations.Schema.GetColumnOrNull(TrainedDimensions);
        if (annotation?.Type is not VectorDataViewType { ItemType: NumberDataViewType } type || type.ItemType.RawType != typeof(int))
        {
            return null;
        }
        VBuffer<int> values = default;
        column.Annotations.GetValue(TrainedDimensions, ref values);
        int[] dimensions = values.DenseValues().ToArray();
        return dimensions.Length == 0 || dimensions.Min() < 1 || dimensions.Distinct().Count() != dimensions.Length ? null : new MatryoshkaDimensions(dimensions);
    }

    /// <summary>Reads the fingerprint of the head that made a column, if it says one.</summary>
    public static string? TryGetHeadFingerprint(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(HeadFingerprint)?.Type is not TextDataViewType)
        {
            return null;
        }
        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(HeadFingerprint, ref value);
        return value.ToString();
    }

    public static void AddTrainedDimensions(DataViewSchema.Annotations.Builder builder, IEnumerable<int> dimensions)
    {
        int[] values = [.. dimensions];
        if (values.Length > 0)
        {
            builder.Add(TrainedDimensions, new VectorDataViewType(NumberDataViewType.Int32, values.Length),
                (ref VBuffer<int> destination) => new VBuffer<int>(values.Length, values).CopyTo(ref destination));
        }
    }

    public static void AddHeadFingerprint(DataViewSchema.Annotations.Builder builder, string? fingerprint)
    {
        if (fingerprint is not null)
        {
            builder.Add(HeadFingerprint, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = fingerprint.AsMemory());
        }
    }
}
