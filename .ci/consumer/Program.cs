using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;

// Trains, cuts, saves, loads and predicts with nothing but the packages.
// usage: write ZIP (train and save), then read ZIP in this process or in one with another ML.NET
var random = new Random(1);
Row[] rows = [.. Enumerable.Range(0, 400).Select(i => new Row
{
    Vector = [.. Enumerable.Range(0, 32).Select(j => (float)(random.NextDouble() - 0.5 + (j % 4 == i % 4 ? 1 : 0)))],
    Label = "class " + (i % 4),
})];
var mlContext = new MLContext(seed: 1);
IDataView data = mlContext.Data.LoadFromEnumerable(rows);
string zip = args[1], numbers = zip + ".txt";
Console.WriteLine($"{args[0]} with Microsoft.ML {typeof(MLContext).Assembly.GetName().Version}");
if (args[0] == "write")
{
    ITransformer model = mlContext.Transforms.MrlFineTune("Embedding", "Vector", MrlObjective.Classification("Label"))
        .Append(mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: 8))
        .Append(mlContext.Transforms.QuantizeEmbedding("Codes", "Embedding", EmbeddingType.Int8, dimensions: 8))
        .Append(mlContext.Transforms.DequantizeEmbedding("Restored", "Codes"))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Key", "Label"))
        .Append(mlContext.MulticlassClassification.Trainers.AdaptiveClassify("Key", "Embedding"))
        .Fit(data);
    mlContext.Model.Save(model, data.Schema, zip);
    File.WriteAllLines(numbers, Predict(model));
    return 0;
}

ITransformer loaded = mlContext.Model.Load(zip, out _);
DimensionReport report = mlContext.Mrl().EvaluateClassification(loaded.Transform(data), "Embedding", "Label");
Console.WriteLine(report);
Output first = mlContext.Model.CreatePredictionEngine<Row, Output>(loaded).Predict(rows[0]);
if (first.Short.Length != 8 || Math.Abs(first.Short.Sum(v => v * v) - 1) > 1e-5 || report[8]["1-NN"] < 0.9)
{
    Console.Error.WriteLine("The packages gave a wrong result.");
    return 1;
}
if (!Predict(loaded).SequenceEqual(File.ReadLines(numbers)))
{
    Console.Error.WriteLine("The loaded model gives other numbers than the one that was saved.");
    return 1;
}
return 0;

IEnumerable<string> Predict(ITransformer model) => mlContext.Data.CreateEnumerable<Output>(model.Transform(data), reuseRowObject: false)
    .Select(row => string.Join(' ', row.Short.Concat(row.Restored).Concat(row.Score).Append(row.PredictedLabel)
        .Select(value => value.ToString("R", CultureInfo.InvariantCulture))));

internal sealed class Row
{
    [VectorType(32)]
    public float[] Vector { get; set; } = [];

    public string Label { get; set; } = "";
}

internal sealed class Output
{
    public float[] Short { get; set; } = [];

    public float[] Restored { get; set; } = [];

    public float[] Score { get; set; } = [];

    public uint PredictedLabel { get; set; }
}
