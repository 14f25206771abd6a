using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Transforms.Image;

// Images that are drawn here, through ML.NET's own steps for images into a Matryoshka head: as pixels, and as the 512 features of ResNet-18.
const int Side = 32, Scale = 4, Train = 200, Test = 100;
string[] glyphs =
[
    "01110 10001 10011 10101 11001 10001 01110", "00100 01100 00100 00100 00100 00100 01110", "01110 10001 00001 00110 01000 10000 11111", "11110 00001 00001 01110 00001 00001 11110",
    "00010 00110 01010 10010 11111 00010 00010", "11111 10000 11110 00001 00001 10001 01110", "00110 01000 10000 11110 10001 10001 01110", "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110", "01110 10001 10001 01111 00001 00010 01100",
];
string folder = Directory.CreateTempSubdirectory("mrl-images-").FullName;
var random = new Random(1);
Row[] rows = [.. Enumerable.Range(0, Train + Test).Select(i => Draw(i % 10, $"{i}.png"))];

var mlContext = new MLContext(seed: 1);
IDataView data = mlContext.Data.LoadFromEnumerable(rows);
IEstimator<ITransformer> pixels = mlContext.Transforms.LoadImages("Image", folder, "File")
    .Append(mlContext.Transforms.ResizeImages("Image", imageWidth: Side, imageHeight: Side))
    .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 1f / 255, colorsToExtract: ImagePixelExtractingEstimator.ColorBits.Green))
    .Append(mlContext.Transforms.Expression("Vector", "x : x", "Pixels"));
IEstimator<ITransformer> features = mlContext.Transforms.LoadImages("Image", folder, "File")
    .Append(mlContext.Transforms.ResizeImages("Image", imageWidth: 224, imageHeight: 224))
    .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image"))
    .Append(mlContext.Transforms.DnnFeaturizeImage("Vector", m => m.ModelSelector.ResNet18(mlContext, m.OutputColumn, m.InputColumn), "Pixels"));
bool isGood = Check(pixels, "pixels", Side * Side, 16) & Check(features, "ResNet-18", 512, 16);
Directory.Delete(folder, recursive: true);
return isGood ? 0 : 1;

// Whether the short prefix of a trained head says more than that of the vectors as they come.
bool Check(IEstimator<ITransformer> steps, string name, int width, int dimensions)
{
    IDataView all = steps.Append(mlContext.Transforms.SelectColumns("Vector", "Label")).Fit(data).Transform(data);
    IDataView vectors = mlContext.Data.Cache(all);
    IDataView train = mlContext.Data.TakeRows(vectors, Train), test = mlContext.Data.SkipRows(vectors, Train);
    ITransformer model = mlContext.Transforms.MrlFineTune("Embedding", "Vector", MrlObjective.Classification("Label"))
        .Append(mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions))
        .Fit(train);
    MatryoshkaDimensions lengths = new([8, 16, 32, 64, 128, 256]);
    DimensionReport Measure(string column, string system) => mlContext.Mrl().EvaluateClassification(
        model.Transform(test), column, "Label", reference: model.Transform(train), lengths).WithName(system);
    DimensionReport raw = Measure("Vector", name + ", cut"), learned = Measure("Embedding", name + " + head, cut");
    Console.WriteLine(new DimensionComparison(raw, learned));
    int found = vectors.GetColumn<float[]>("Vector").First().Length, kept = model.Transform(test).GetColumn<float[]>("Short").First().Length;
    bool isGood = found == width && kept == dimensions && learned[dimensions]["1-NN"] > raw[dimensions]["1-NN"] + 0.1;
    if (!isGood)
    {
        Console.Error.WriteLine($"{name}: {found} values, cut to {kept}; the head does not help.");
    }
    return isGood;
}

Row Draw(int digit, string file)
{
    byte[] bytes = new byte[4 * Side * Side];
    int left = random.Next(1, Side - (5 * Scale)), top = random.Next(1, Side - (7 * Scale));
    string[] lines = glyphs[digit].Split(' ');
    for (int i = 0; i < Side * Side; i++)
    {
        int x = ((i % Side) - left) / Scale, y = ((i / Side) - top) / Scale;
        bool isInk = i % Side >= left && i / Side >= top && x < 5 && y < 7 && lines[y][x] == '1';
        byte grey = (byte)Math.Clamp((isInk ? 200 : 55) + random.Next(-55, 56), 0, 255);
        (bytes[4 * i], bytes[(4 * i) + 1], bytes[(4 * i) + 2], bytes[(4 * i) + 3]) = (grey, grey, grey, 255);
    }
    using MLImage image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Bgra32, bytes);
    image.Save(Path.Combine(folder, file));
    return new Row { File = file, Label = digit.ToString() };
}

internal sealed class Row
{
    public string File { get; set; } = "";

    public string Label { get; set; } = "";
}
