using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>Defines the annotations of Matryoshka embedding columns.</summary>
internal static class EmbeddingAnnotations
{
    /// <summary>A known-size vector of Int32: the prefix lengths that were trained, ascending.</summary>
    public const string TrainedDimensions = "MrlTrainedDimensions";

    /// <summary>Text: <see cref="EmbeddingHead.Fingerprint"/>.</summary>
    public const string HeadFingerprint = "MrlHeadFingerprint";

    /// <summary>Reads the trained dimensions of a column; false where the column carries none.</summary>
    public static bool TryGetTrainedDimensions(DataViewSchema.Column column, [NotNullWhen(true)] out MatryoshkaDimensions? dimensions)
    {
        dimensions = null;
        if (column.Annotations.Schema.GetColumnOrNull(TrainedDimensions) is not { } annotation
            || annotation.Type is not VectorDataViewType { IsKnownSize: true } type
            || type.ItemType != NumberDataViewType.Int32)
        {
            return false;
        }
        VBuffer<int> values = default;
        column.Annotations.GetValue(TrainedDimensions, ref values);
        dimensions = new MatryoshkaDimensions(values.DenseValues());
        return true;
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

    /// <summary>The names of a column's first slots.</summary>
    public static void ReadSlotNames(DataViewSchema.Column column, int count, ref VBuffer<ReadOnlyMemory<char>> names)
    {
        VBuffer<ReadOnlyMemory<char>> all = default;
        column.Annotations.GetValue(AnnotationUtils.Kinds.SlotNames, ref all);
        VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref names, count);
        for (int i = 0; i < count; i++)
        {
            editor.Values[i] = all.GetItemOrDefault(i);
        }
        names = editor.Commit();
    }
}
