using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>The checks of an input column, and their one wording, for estimators (shapes) and transformers (schemas).</summary>
internal static class EmbeddingSchema
{
    /// <summary>Finds a column of a schema shape and makes sure it can be an embedding.</summary>
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

    /// <summary>Makes sure that a column of any type is there.</summary>
    public static void RequireColumn(IExceptionContext host, SchemaShape shape, string name, string role)
    {
        if (!shape.TryFindColumn(name, out _))
        {
            throw host.Process(SchemaErrors.Missing("inputSchema", role, name));
        }
    }

    /// <summary>Finds a column of a schema, makes sure it can be an embedding, and tells its width.</summary>
    public static (DataViewSchema.Column Column, int Width) FindEmbedding(DataViewSchema schema, string name, string role = "input")
    {
        DataViewSchema.Column column = SchemaErrors.Find(schema, name, role, "inputSchema");
        return (column, SchemaErrors.EmbeddingWidth(column, role, "inputSchema"));
    }

    /// <summary>The shape of an output column, and the annotations that will be there.</summary>
    public static SchemaShape.Column OutputShape(string name, IEnumerable<SchemaShape.Column> annotations) =>
        new(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(annotations));

    /// <summary>The columns that are there after a head was applied.</summary>
    public static SchemaShape AfterHead(IExceptionContext host, SchemaShape inputSchema, (string Output, string Input)[] columns)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var result = inputSchema.ToDictionary(c => c.Name);
        foreach ((string output, string input) in columns)
        {
            FindEmbedding(host, inputSchema, input);
            result[output] = OutputShape(output,
            [
                new SchemaShape.Column(EmbeddingAnnotations.TrainedDimensions, SchemaShape.Column.VectorKind.Vector,
                    NumberDataViewType.Int32, false),
                new SchemaShape.Column(EmbeddingAnnotations.HeadFingerprint, SchemaShape.Column.VectorKind.Scalar,
                    TextDataViewType.Instance, false),
            ]);
        }
        return new SchemaShape(result.Values);
    }
}
