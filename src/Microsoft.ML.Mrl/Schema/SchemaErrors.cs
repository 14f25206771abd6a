using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>The one place where schema errors are worded, in ML.NET's own sentence.</summary>
internal static class SchemaErrors
{
    /// <summary>What an embedding column is, in words.</summary>
    public const string ExpectedEmbedding = "known-size vector of Single";

    /// <summary>A column that is not in the schema.</summary>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <param name="role">What the column was to be used as, such as <c>embedding</c>.</param>
    /// <param name="columnName">The name that was not found.</param>
    public static ArgumentOutOfRangeException Missing(string parameterName, string role, string columnName)
        => new(parameterName, $"Could not find {role} column '{columnName}'");

    /// <summary>A column of the wrong type.</summary>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <param name="role">What the column was to be used as, such as <c>embedding</c>.</param>
    /// <param name="columnName">The column's name.</param>
    /// <param name="expected">The expected type, in words.</param>
    /// <param name="got">The type that was found, in words.</param>
    public static ArgumentOutOfRangeException Mismatch(string parameterName, string role, string columnName, string expected, string got)
        => new(parameterName, $"Schema mismatch for {role} column '{columnName}': expected {expected}, got {got}");

    /// <summary>Finds a column, or throws <see cref="Missing"/>.</summary>
    public static DataViewSchema.Column Find(DataViewSchema schema, string columnName, string role, string parameterName)
        => schema.GetColumnOrNull(columnName) ?? throw Missing(parameterName, role, columnName);

    /// <summary>The width D of a known-size vector column of Single, or throws one of the errors above.</summary>
    /// <param name="column">The column.</param>
    /// <param name="role">What the column was to be used as, such as <c>embedding</c>.</param>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    public static int EmbeddingWidth(DataViewSchema.Column column, string role, string parameterName)
        => column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single
            ? vector.Size
            : throw Mismatch(parameterName, role, column.Name, ExpectedEmbedding, Name(column.Type));

    /// <summary>ML.NET's type says <c>Vector&lt;Single&gt;</c> for both kinds of vector; its schema shape tells them apart by this word.</summary>
    private static string Name(DataViewType type) => type is VectorDataViewType { IsKnownSize: false } varying ? $"VarVector<{varying.ItemType}>" : type.ToString()!;
}
