using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>A row to train on, to test with or to embed. The property names are the columns of the view.</summary>
internal sealed class ExampleRow
{
    public string Text { get; set; } = "";

    public string PositiveText { get; set; } = "";

    public string NegativeText { get; set; } = "";

    public float[] Vector { get; set; } = [];

    public float[] PositiveVector { get; set; } = [];

    public float[] NegativeVector { get; set; } = [];

    /// <summary>What it is an example of.</summary>
    public string Label { get; set; } = "";

    /// <summary>How alike the input and the positive are.</summary>
    public float Score { get; set; }
}

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
