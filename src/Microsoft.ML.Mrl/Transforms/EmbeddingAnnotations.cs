using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl;

/// <summary>The annotations by which an embedding column says how it was made.</summary>
internal static class EmbeddingAnnotations
{
    /// <summary>The kind of the annotation that lists the trained dimensions: a known-size vector of Int32, ascending.</summary>
    public const string TrainedDimensions = "MrlTrainedDimensions";

    /// <summary>The kind of the annotation that identifies the head: a text.</summary>
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
}
