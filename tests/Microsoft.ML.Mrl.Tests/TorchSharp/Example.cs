using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp;

/// <summary>One row of training data. Columns that a view is not asked for are not in it.</summary>
internal sealed class Example
{
    public VBuffer<float> Input;
    public VBuffer<float> Positive;
    public VBuffer<float> Negative;
    public VBuffer<float> Negative2;
    public VBuffer<float> Teacher;
    public string Label = "";
    public int Number;
    public bool Flag;
    public float Score;

    /// <summary>A view of rows with some of their columns.</summary>
    /// <param name="context">Makes the view.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">The width of all vector columns but the teacher's, which is that of the first row's.</param>
    /// <param name="columns">The names of the columns.</param>
    public static IDataView View(MLContext context, IEnumerable<Example> rows, int width, params string[] columns)
    {
        Example[] all = [.. rows];
        var definition = SchemaDefinition.Create(typeof(Example));
        definition.RemoveAll(column => !columns.Contains(column.MemberName));
        foreach (
            SchemaDefinition.Column column in definition.Where(
                c => c.MemberName is nameof(Input) or nameof(Positive) or nameof(Negative) or nameof(Negative2) or nameof(Teacher)))
        {
            column.ColumnType = new VectorDataViewType(
                NumberDataViewType.Single,
                column.MemberName == nameof(Teacher) && all.Length > 0 ? Math.Max(1, all[0].Teacher.Length) : width);
        }
        return context.Data.LoadFromEnumerable(all, definition);
    }

    public static VBuffer<float> Dense(params float[] values) => new(values.Length, values);

    public static VBuffer<float> Sparse(int width, params (int Index, float Value)[] values) =>
        new(width, values.Length, [.. values.Select(v => v.Value)], [.. values.Select(v => v.Index)]);
}
