using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Represents a row to train on, to test with or to embed. The names of the properties are the columns of the view.</summary>
internal sealed class ExampleRow
{
    public string Text { get; set; } = "";

    public string PositiveText { get; set; } = "";

    public string NegativeText { get; set; } = "";

    public float[] Vector { get; set; } = [];

    public float[] PositiveVector { get; set; } = [];

    public float[] NegativeVector { get; set; } = [];

    /// <summary>Gets or sets the class of the row.</summary>
    public string Label { get; set; } = "";

    /// <summary>Gets or sets how similar the input and the positive are; a higher score means more similar.</summary>
    public float Score { get; set; }
}

/// <summary>Makes a data view of rows that has the columns of a task and no others.</summary>
internal static class ExampleView
{
    /// <summary>Makes the view.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">The number of values of a vector; 0 for texts.</param>
    /// <param name="columns">The names of properties of <see cref="ExampleRow"/>.</param>
    public static IDataView Of(MLContext mlContext, IReadOnlyCollection<ExampleRow> rows, int width, params IEnumerable<string> columns)
    {
        HashSet<string> wanted = [.. columns];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(ExampleRow));
        schema.RemoveAll(column => !wanted.Contains(column.ColumnName));
        foreach (SchemaDefinition.Column column in schema.Where(
            column => column.ColumnName.EndsWith(nameof(ExampleRow.Vector), StringComparison.Ordinal)))
        {
            column.ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        }
        return mlContext.Data.LoadFromEnumerable(rows, schema);
    }
}
