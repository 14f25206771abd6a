using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>Checks input columns, for estimators (schema shapes) and transformers (schemas).</summary>
internal static class EmbeddingSchema
{
    /// <summary>Finds a column of a schema shape and checks that it can be an embedding.</summary>
    public static SchemaShape.Column FindEmbedding(IExceptionContext host, SchemaShape shape, string name, string role = "input")
    {
        if (!shape.TryFindColumn(name, out SchemaShape.Column column))
        {
            throw host.Process(SchemaErrors.Missing("inputSchema", role, name));
        }
        if (column.Kind != SchemaShape.Column.VectorKind.Vector || column.ItemType != NumberDataViewType.Single)
        {
            throw host.Process(SchemaErrors.NotAnEmbedding("inputSchema", role, name, column.GetTypeString(), column.ItemType,
                column.Kind != SchemaShape.Column.VectorKind.Scalar, column.Kind == SchemaShape.Column.VectorKind.Vector));
        }
        return column;
    }

    /// <summary>Checks that a column of any type exists.</summary>
    public static void RequireColumn(IExceptionContext host, SchemaShape shape, string name, string role)
    {
        if (!shape.TryFindColumn(name, out _))
        {
            throw host.Process(SchemaErrors.Missing("inputSchema", role, name));
        }
    }

    /// <summary>Finds a column of a schema, checks that it can be an embedding, and returns its width.</summary>
    public static (DataViewSchema.Column Column, int Width) FindEmbedding(DataViewSchema schema, string name, string role = "input")
    {
        DataViewSchema.Column column = SchemaErrors.Find(schema, name, role, "inputSchema");
        return (column, SchemaErrors.EmbeddingWidth(column, role, "inputSchema"));
    }

    /// <summary>Returns a schema shape with an output column for each pair of columns.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <param name="columns">The names of the output and input columns.</param>
    /// <param name="makeOutput">Checks an input column and returns the shape of the output column, given their names.</param>
    public static SchemaShape AddOutputs(
        SchemaShape inputSchema, (string Output, string Input)[] columns, Func<string, string, SchemaShape.Column> makeOutput)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var result = inputSchema.ToDictionary(c => c.Name);
        foreach ((string output, string input) in columns)
        {
            result[output] = makeOutput(output, input);
        }
        return new SchemaShape(result.Values);
    }

    /// <summary>Returns the annotations of an embedding column that a step keeps.</summary>
    /// <param name="input">The column.</param>
    /// <param name="isNormalized">Whether the step rescales vectors to unit length, which adds an annotation.</param>
    /// <param name="hasSlotNames">Whether the output has a slot for each value, so that it keeps the slot names.</param>
    public static IEnumerable<SchemaShape.Column> CarriedAnnotations(
        SchemaShape.Column input, bool isNormalized = false, bool hasSlotNames = true)
    {
        if (isNormalized)
        {
            yield return new SchemaShape.Column(AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar,
                BooleanDataViewType.Instance, false);
        }
        string[] kinds = [.. hasSlotNames ? (string[])[AnnotationUtils.Kinds.SlotNames] : [],
            EmbeddingAnnotations.TrainedDimensions, EmbeddingAnnotations.HeadFingerprint];
        foreach (string kind in kinds)
        {
            if (input.Annotations.TryFindColumn(kind, out SchemaShape.Column annotation))
            {
                yield return annotation;
            }
        }
    }

    /// <summary>Returns the shape of an output column with the annotations that it will have.</summary>
    public static SchemaShape.Column OutputShape(string name, IEnumerable<SchemaShape.Column> annotations) =>
        new(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(annotations));

    /// <summary>Returns the schema shape after a head was applied.</summary>
    public static SchemaShape AfterHead(IExceptionContext host, SchemaShape inputSchema, (string Output, string Input)[] columns) =>
        AddOutputs(inputSchema, columns, (output, input) =>
        {
            FindEmbedding(host, inputSchema, input);
            return OutputShape(output,
            [
                new SchemaShape.Column(EmbeddingAnnotations.TrainedDimensions, SchemaShape.Column.VectorKind.Vector,
                    NumberDataViewType.Int32, false),
                new SchemaShape.Column(EmbeddingAnnotations.HeadFingerprint, SchemaShape.Column.VectorKind.Scalar,
                    TextDataViewType.Instance, false),
            ]);
        });
}
