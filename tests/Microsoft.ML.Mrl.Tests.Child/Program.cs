using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

// Loads a saved model as an application would that has never heard of the types in it, applies it to a few vectors and tells what it saw.
// Nothing here names a type of Microsoft.ML.Mrl: ML.NET itself has to find them.
// With "save" it saves encoders over one another until it is killed (SaveEncoders).
//   arguments: model.zip, vectors.txt (a row a line, values separated by spaces), names of the columns to print

if (args[0] == "save")
{
    SaveEncoders.Forever(args[1], args[2], args[3]);
}

string[][] lines = [.. File.ReadLines(args[1]).Select(l => l.Split(' '))];
Row[] rows = [
    .. lines.Select(
        l => new Row { Embedding = [.. l.Select(v => float.Parse(v, CultureInfo.InvariantCulture))], Text = string.Join(' ', l) })];
var definition = SchemaDefinition.Create(typeof(Row));
definition[nameof(Row.Embedding)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Embedding.Length);

var ml = new MLContext();
ITransformer model = ml.Model.Load(args[0], out _);
foreach (ITransformer step in model as IEnumerable<ITransformer> ?? [model])
{
    Console.WriteLine($"step {step.GetType().FullName}");
}
IDataView output = model.Transform(ml.Data.LoadFromEnumerable(rows, definition));
foreach (string column in args[2..])
{
    foreach (float[] values in output.GetColumn<float[]>(column))
    {
        Console.WriteLine($"{column} {string.Join(' ', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}");
    }
}
Console.WriteLine(
    $"TorchSharp {AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name!.Contains("TorchSharp", StringComparison.OrdinalIgnoreCase))}");
Console.WriteLine(
    $"libtorch {Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Any(m => m.ModuleName.Contains("torch", StringComparison.OrdinalIgnoreCase))}");

internal sealed class Row
{
    public float[] Embedding { get; set; } = [];

    /// <summary>The same numbers as words.</summary>
    public string Text { get; set; } = "";
}
