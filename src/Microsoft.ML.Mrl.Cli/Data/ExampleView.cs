using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Rows as a view of ML.NET, with the columns that a task has and no other.</summary>
internal static class ExampleView
{
    /// <summary>Makes the view.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">The width of vectors; 0 for texts.</param>
    /// <param name="columns">The names of <see cref="ExampleRow"/>'s properties.</param>
    public static IDataView Of(MLContext mlContext, IReadOnlyCollection<ExampleRow> rows, int width, params IEnumerable<string> columns)
    {
        HashSet<string> wanted = [.. columns];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(ExampleRow));
        schema.RemoveAll(column => !wanted.Contains(column.ColumnName));
        foreach (SchemaDefinition.Column column in schema.Where(column => column.ColumnName.EndsWith(nameof(ExampleRow.Vector), StringComparison.Ordinal)))
        {
            column.ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        }
        return mlContext.Data.LoadFromEnumerable(rows, schema);
    }
}
