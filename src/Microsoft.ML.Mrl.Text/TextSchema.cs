using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Text;

/// <summary>Checks text columns, for estimators (schema shapes) and transformers (schemas).</summary>
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

    /// <summary>Returns the schema shape after texts were encoded.</summary>
    /// <param name="host">The host, which marks the errors.</param>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <param name="columns">The output and input columns.</param>
    /// <param name="isNormalized">Whether embeddings have unit length.</param>
    /// <param name="isTrained">Whether the encoder has trained dimensions.</param>
    public static SchemaShape AfterEncoding(
        IExceptionContext host, SchemaShape inputSchema, (string Output, string Input)[] columns, bool isNormalized, bool isTrained)
    {
        var annotations = new List<SchemaShape.Column>();
        if (isTrained)
        {
            annotations.Add(new SchemaShape.Column(
                EmbeddingAnnotations.TrainedDimensions, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Int32, false));
        }
        annotations.Add(new SchemaShape.Column(
            EmbeddingAnnotations.HeadFingerprint, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false));
        if (isNormalized)
        {
            annotations.Add(new SchemaShape.Column(
                AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false));
        }
        return EmbeddingSchema.AddOutputs(inputSchema, columns, (output, input) =>
        {
            RequireText(host, inputSchema, input);
            return EmbeddingSchema.OutputShape(output, annotations);
        });
    }
}
