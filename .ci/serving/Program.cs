using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;

// Loads a model and gives short vectors, with the core package alone.
// usage: write ZIP (fit and save, then give the vectors) or read ZIP (give the vectors of the saved model); the lines of both are to be the same
var random = new Random(1);
Row[] rows = [.. Enumerable.Range(0, 400).Select(i => new Row
{
    Vector = [.. Enumerable.Range(0, 32).Select(j => (float)(random.NextDouble() - 0.5 + (j % 4 == i % 4 ? 1 : 0)))],
    Label = "class " + (i % 4),
})];
var mlContext = new MLContext(seed: 1);
IDataView data = mlContext.Data.LoadFromEnumerable(rows);
ITransformer model;
if (args[0] == "write")
{
    model = mlContext.Transforms.PcaRotate("Embedding", "Vector", dimensions: 16)
        .Append(mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: 8))
        .Append(mlContext.Transforms.QuantizeEmbedding("Codes", "Embedding", EmbeddingType.Int8, dimensions: 8))
        .Append(mlContext.Transforms.DequantizeEmbedding("Restored", "Codes"))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Key", "Label"))
        .Append(mlContext.MulticlassClassification.Trainers.AdaptiveClassify("Key", "Embedding"))
        .Fit(data);
    mlContext.Model.Save(model, data.Schema, args[1]);
}
else
{
    model = mlContext.Model.Load(args[1], out _);
}

foreach (Output row in mlContext.Data.CreateEnumerable<Output>(model.Transform(data), reuseRowObject: false))
{
    Console.WriteLine(string.Join(' ', row.Short.Concat(row.Restored).Append(row.PredictedLabel).Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
}
PredictionEngine<Row, Output> engine = mlContext.Model.CreatePredictionEngine<Row, Output>(model);
Console.WriteLine(string.Join(' ', engine.Predict(rows[0]).Short.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));

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

    public uint PredictedLabel { get; set; }
}
