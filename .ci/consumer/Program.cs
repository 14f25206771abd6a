using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;

// Train, truncate, save, load and predict with nothing but the packages.
var random = new Random(1);
Row[] rows = [.. Enumerable.Range(0, 400).Select(i => new Row
{
    Vector = [.. Enumerable.Range(0, 32).Select(j => (float)(random.NextDouble() - 0.5 + (j % 4 == i % 4 ? 1 : 0)))],
    Label = "class " + (i % 4),
})];
var mlContext = new MLContext(seed: 1);
IDataView data = mlContext.Data.LoadFromEnumerable(rows);
ITransformer model = mlContext.Transforms.MrlFineTune("Embedding", "Vector", MrlObjective.Classification("Label"))
    .Append(mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: 8))
    .Fit(data);
mlContext.Model.Save(model, data.Schema, "model.zip");
ITransformer loaded = new MLContext().Model.Load("model.zip", out _);
DimensionReport report = mlContext.Mrl().EvaluateClassification(loaded.Transform(data), "Embedding", "Label");
Console.WriteLine(report);
float[] small = mlContext.Model.CreatePredictionEngine<Row, Output>(loaded).Predict(rows[0]).Short;
if (small.Length != 8 || Math.Abs(small.Sum(v => v * v) - 1) > 1e-5 || report[8]["1-NN"] < 0.9)
{
    Console.Error.WriteLine("The packages gave a wrong result.");
    return 1;
}
return 0;

internal sealed class Row
{
    [VectorType(32)]
    public float[] Vector { get; set; } = [];

    public string Label { get; set; } = "";
}

internal sealed class Output
{
    public float[] Short { get; set; } = [];
}
