using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Text;

/// <summary>The checks of a text column, for estimators (shapes) and transformers (schemas).</summary>
internal static class TextSchema
{
    private const string Expected = "text";

    /// <summary>Makes sure that a column of a schema shape is text.</summary>
    public static void RequireText(IExceptionContext host, SchemaShape shape, string name, string role = "input")
    {
        if (!shape.TryFindColumn(name, out SchemaShape.Column column))
        {
            throw host.Process(SchemaErrors.Missing("inputSchema", role, name));
        }
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not TextDataViewType)
        {
            throw host.Process(SchemaErrors.Mismatch("inputSchema", role, name, Expected, column.GetTypeString()));
        }
    }

    /// <summary>Finds a text column of a schema.</summary>
    public static DataViewSchema.Column FindText(
        DataViewSchema schema, string name, string role = "input", string parameterName = "inputSchema")
    {
        DataViewSchema.Column column = SchemaErrors.Find(schema, name, role, parameterName);
        RequireText(column, role, parameterName);
        return column;
    }

    /// <summary>Makes sure that a column of a schema is text.</summary>
    public static void RequireText(DataViewSchema.Column column, string role = "input", string parameterName = "inputSchema")
    {
        if (column.Type is not TextDataViewType)
        {
            throw SchemaErrors.Mismatch(parameterName, role, column.Name, Expected, column.Type.ToString()!);
        }
    }

    /// <summary>The columns that are there after texts were encoded.</summary>
    /// <param name="host">Marks the errors.</param>
    /// <param name="inputSchema">The columns before.</param>
    /// <param name="columns">The output and input columns.</param>
    /// <param name="isNormalized">Whether embeddings have unit length.</param>
    /// <param name="isTrained">Whether the encoder has trained dimensions.</param>
    public static SchemaShape AfterEncoding(
        IExceptionContext host, SchemaShape inputSchema, (string Output, string Input)[] columns, bool isNormalized, bool isTrained)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var annotations = new List<SchemaShape.Column>();
        if (isTrained)
        {
            annotations.Add(
                new SchemaShape.Column(
                EmbeddingAnnotations.TrainedDimensions, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Int32, false));
        }
        annotations.Add(
            new SchemaShape.Column(
            EmbeddingAnnotations.HeadFingerprint, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false));
        if (isNormalized)
        {
            annotations.Add(
                new SchemaShape.Column(
                AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false));
        }
        var result = inputSchema.ToDictionary(c => c.Name);
        foreach ((string output, string input) in columns)
        {
            RequireText(host, inputSchema, input);
            result[output] = EmbeddingSchema.OutputShape(output, annotations);
        }
        return new SchemaShape(result.Values);
    }
}
