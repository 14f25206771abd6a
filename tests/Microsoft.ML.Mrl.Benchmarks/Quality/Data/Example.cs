using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>One row of any task.</summary>
internal sealed class Example
{
    public string Id { get; set; } = "";

    public float[] Vector { get; set; } = [];

    public float[] Other { get; set; } = [];

    public string Label { get; set; } = "";

    public float Score { get; set; }

    /// <summary>Rows as a view with vectors of known size.</summary>
    public static IDataView View(MLContext mlContext, IReadOnlyList<Example> rows)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Example));
        foreach (string name in new[] { nameof(Vector), nameof(Other) })
        {
            schema[name].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Vector.Length);
        }
        return mlContext.Data.LoadFromEnumerable(rows, schema);
    }
}
