using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>Creates all schema errors, in the wording of ML.NET.</summary>
internal static class SchemaErrors
{
    /// <summary>The type of an embedding column, in words.</summary>
    public const string ExpectedEmbedding = "known-size vector of Single";

    /// <summary>Creates the error for a column that is not in the schema.</summary>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <param name="role">The role of the column, such as <c>embedding</c>.</param>
    /// <param name="columnName">The name that was not found.</param>
    public static ArgumentOutOfRangeException Missing(string parameterName, string role, string columnName)
        => new(parameterName, $"Could not find {role} column '{columnName}'");

    /// <summary>Creates the error for a column of the wrong type.</summary>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <param name="role">The role of the column, such as <c>embedding</c>.</param>
    /// <param name="columnName">The column's name.</param>
    /// <param name="expected">The expected type, in words.</param>
    /// <param name="got">The type that was found, in words.</param>
    public static ArgumentOutOfRangeException Mismatch(string parameterName, string role, string columnName, string expected, string got)
        => new(parameterName, $"Schema mismatch for {role} column '{columnName}': expected {expected}, got {got}");

    /// <summary>Finds a column, or throws <see cref="Missing"/>.</summary>
    public static DataViewSchema.Column Find(DataViewSchema schema, string columnName, string role, string parameterName)
        => schema.GetColumnOrNull(columnName) ?? throw Missing(parameterName, role, columnName);

    /// <summary>Returns the width D of a known-size vector column of Single, or throws one of the errors above.</summary>
    /// <param name="column">The column.</param>
    /// <param name="role">The role of the column, such as <c>embedding</c>.</param>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    public static int EmbeddingWidth(DataViewSchema.Column column, string role, string parameterName)
    {
        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector || vector.ItemType != NumberDataViewType.Single)
        {
            var type = column.Type as VectorDataViewType;
            throw NotAnEmbedding(parameterName, role, column.Name, Name(column.Type), type?.ItemType, isVector: type is not null,
                isKnownSize: type?.IsKnownSize == true);
        }
        if (vector.Dimensions.Count(length => length > 1) > 1)
        {
            throw Mismatch(parameterName, role, column.Name, "one vector a row",
                $"{vector}: several vectors, such as one for each token or patch. " +
                "Pool them to one first, by their mean or the first of them: in the ONNX graph, or with EncodeText. Values that are " +
                    "really one vector, such as the pixels of ExtractPixels, become one by " +
                    $"mlContext.Transforms.Expression(\"Vector\", \"x : x\", \"{column.Name}\")");
        }
        return vector.Size;
    }

    /// <summary>Creates the error for a column that is not an embedding. If the column can be converted, the message says how.</summary>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <param name="role">The role of the column, such as <c>embedding</c>.</param>
    /// <param name="columnName">The column's name.</param>
    /// <param name="got">The type that was found, in words.</param>
    /// <param name="itemType">The type of its items, or null if it is no vector.</param>
    /// <param name="isVector">Whether it is a vector.</param>
    /// <param name="isKnownSize">Whether its length is known.</param>
    public static ArgumentOutOfRangeException NotAnEmbedding(
        string parameterName, string role, string columnName, string got, DataViewType? itemType, bool isVector, bool isKnownSize)
    {
        string convert = isVector && itemType is NumberDataViewType or BooleanDataViewType && itemType != NumberDataViewType.Single
            ? $" Convert its values with mlContext.Transforms.Conversion.ConvertType(\"{columnName}\", outputKind: DataKind.Single)."
            : "";
        string length = isVector && !isKnownSize
            ? " Say how long its vectors are: by [VectorType(n)] on the property, or by the column's type in a SchemaDefinition (for a " +
                "prediction engine its inputSchemaDefinition)."
            : "";
        return Mismatch(parameterName, role, columnName, ExpectedEmbedding, got
            + (convert + length is { Length: > 0 } hint ? "." + hint : ""));
    }

    /// <summary>
    /// Returns the name of a type. ML.NET's own name is <c>Vector&lt;Single&gt;</c> for both kinds of vector; its schema shape tells them
    /// apart by this word.
    /// </summary>
    private static string Name(DataViewType type) => type is VectorDataViewType { IsKnownSize: false } varying
        ? $"VarVector<{varying.ItemType}>" : type.ToString()!;
}
