using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;

// LoadImages, ExtractPixels and a Matryoshka head in one pipeline, on images that are written here.
const int Side = 8;
string folder = Directory.CreateTempSubdirectory("mrl-images-").FullName;
var random = new Random(1);
Row[] rows = [.. Enumerable.Range(0, 80).Select(i =>
{
    // Two classes: bright above or bright below.
    byte[] pixels = new byte[4 * Side * Side];
    for (int p = 0; p < Side * Side; p++)
    {
        bool isBright = (p / Side < Side / 2) == (i % 2 == 0);
        byte grey = (byte)random.Next(isBright ? 150 : 0, isBright ? 256 : 106);
        (pixels[4 * p], pixels[(4 * p) + 1], pixels[(4 * p) + 2], pixels[(4 * p) + 3]) = (grey, grey, grey, 255);
    }
    using MLImage image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Bgra32, pixels);
    image.Save(Path.Combine(folder, $"{i}.png"));
    return new Row { File = $"{i}.png", Label = i % 2 == 0 ? "above" : "below" };
})];

var mlContext = new MLContext(seed: 1);
IDataView data = mlContext.Data.LoadFromEnumerable(rows);
ITransformer model = mlContext.Transforms.LoadImages("Image", folder, "File")
    .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 1f / 255))
    .Append(mlContext.Transforms.MrlFineTune("Embedding", "Pixels", MrlObjective.Classification("Label")))
    .Append(mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: 12))
    .Fit(data);
DimensionReport report = mlContext.Mrl().EvaluateClassification(model.Transform(data), "Short", "Label");
Console.WriteLine(report);
Directory.Delete(folder, recursive: true);
if (report[12]["1-NN"] < 0.99)
{
    Console.Error.WriteLine("The classes of the images are not told apart.");
    return 1;
}
return 0;

internal sealed class Row
{
    public string File { get; set; } = "";

    public string Label { get; set; } = "";
}
