#:property PublishAot=false
#:project ../src/Microsoft.ML.Mrl.TorchSharp/Microsoft.ML.Mrl.TorchSharp.csproj
#:package TorchSharp-cpu
#:package Microsoft.ML.ImageAnalytics
#:package Microsoft.ML.DnnImageFeaturizer.ResNet18
#:package Microsoft.ML.OnnxRuntime

// %% [markdown]
// # How short may image features be?
//
// Question: a network makes 512 values of every picture. How many of them does it take to see the rough outline, and how many to see the details?
//
// The pictures are drawn here: a disc, a square, a triangle or a cross, filled in one of four ways, at any place, in any colours. ML.NET's own steps for pictures load them and run ResNet-18 on them, which
// comes in a package. No download is needed.

// %%
using System.IO;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;

const int Side = 72;
string[] outlines = ["disc", "square", "triangle", "cross"], fillings = ["plain", "striped", "dotted", "hollow"];

// Whether a point of a shape is ink; the shape reaches from -1 to 1 both ways.
bool IsInk(int outline, int filling, float x, float y)
{
    // How deep inside the outline the point lies: 0 at the edge, negative outside.
    float depth = outline switch
    {
        0 => 1 - MathF.Sqrt((x * x) + (y * y)),
        1 => 0.88f - MathF.Max(MathF.Abs(x), MathF.Abs(y)),
        2 => MathF.Min(0.75f - y, ((y + 1) / 2) - MathF.Abs(x)),
        _ => MathF.Min(1 - MathF.Max(MathF.Abs(x), MathF.Abs(y)), 0.36f - MathF.Min(MathF.Abs(x), MathF.Abs(y))),
    };
    return depth > 0 && filling switch
    {
        0 => true,
        1 => MathF.Sin(15 * y) > 0,
        2 => MathF.Sin(13 * x) * MathF.Sin(13 * y) > 0.1f,
        _ => depth < 0.15f,
    };
}

// Four bytes a pixel: blue, green, red, and no transparency.
byte[] Draw(int outline, int filling, Random random)
{
    byte[] pixels = new byte[4 * Side * Side];
    float size = Side * (0.28f + (0.14f * random.NextSingle())), turn = 0.6f * (random.NextSingle() - 0.5f);
    float left = size + ((Side - (2 * size)) * random.NextSingle()), top = size + ((Side - (2 * size)) * random.NextSingle());
    int[] paper = [random.Next(256), random.Next(256), random.Next(256)], ink = [.. paper.Select(value => (value + random.Next(90, 167)) % 256)];
    for (int i = 0; i < Side * Side; i++)
    {
        float x = ((i % Side) - left) / size, y = ((i / Side) - top) / size;
        (x, y) = ((x * MathF.Cos(turn)) - (y * MathF.Sin(turn)), (x * MathF.Sin(turn)) + (y * MathF.Cos(turn)));
        int[] colour = IsInk(outline, filling, x, y) ? ink : paper;
        for (int c = 0; c < 3; c++)
        {
            pixels[(4 * i) + c] = (byte)Math.Clamp(colour[c] + random.Next(-25, 26), 0, 255);
        }
        pixels[(4 * i) + 3] = 255;
    }
    return pixels;
}

var page = new StringBuilder();
for (int y = 0; y < 13; y++)
{
    page.AppendJoin("  ", Enumerable.Range(0, 4).Select(kind => string.Concat(Enumerable.Range(0, 25).Select(x => IsInk(kind, kind, (x - 12) / 12f, (y - 6) / 6f) ? '#' : '.')))).Append('\n');
}
Console.WriteLine(page);

// %% [markdown]
// Four outlines times four fillings are sixteen kinds. There are a few hundred pictures, written to a folder as any others would lie there.

// %%
var mlContext = new MLContext(seed: 1);
string folder = Directory.CreateTempSubdirectory("short-image-features-").FullName;
IDataView Pictures(int count, int seed)
{
    var random = new Random(seed);
    var rows = Enumerable.Range(0, count).Select(i => new { File = $"{seed}-{i}.png", Outline = outlines[i % 4], Filling = fillings[i / 4 % 4], Kind = $"{fillings[i / 4 % 4]} {outlines[i % 4]}" }).ToArray();
    for (int i = 0; i < count; i++)
    {
        using MLImage image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Bgra32, Draw(i % 4, i / 4 % 4, random));
        image.Save(Path.Combine(folder, rows[i].File));
    }
    return mlContext.Data.LoadFromEnumerable(rows);
}

IDataView trainPictures = Pictures(320, seed: 2), testPictures = Pictures(160, seed: 3);

// %% [markdown]
// ## From a file to 512 values
//
// `LoadImages`, `ResizeImages`, `ExtractPixels` and `DnnFeaturizeImage` are ML.NET's. The network was trained on photographs and has never seen such drawings. This is the slow part, so its result is kept.

// %%
string assembly = Path.GetDirectoryName(typeof(ResNet18Extension).Assembly.Location)!;
// The network lies beside the assembly in an application, and in the package where the kernel loads it from there.
string network = new[] { Path.Combine(assembly, "DnnImageModels"), Path.Combine(assembly, "..", "..", "tools", "DnnImageModels") }.First(Directory.Exists);
var featurizer = mlContext.Transforms.LoadImages("Image", folder, "File")
    .Append(mlContext.Transforms.ResizeImages("Image", imageWidth: 224, imageHeight: 224))
    .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image"))
    .Append(mlContext.Transforms.DnnFeaturizeImage("Features", m => m.ModelSelector.ResNet18(mlContext, m.OutputColumn, m.InputColumn, network), "Pixels"))
    .Fit(trainPictures);
IDataView Featurize(IDataView pictures)
{
    IDataView features = featurizer.Transform(pictures);
    return mlContext.Data.Cache(mlContext.Transforms.SelectColumns("Features", "Outline", "Filling", "Kind").Fit(features).Transform(features));
}

IDataView train = Featurize(trainPictures), test = Featurize(testPictures);

// %% [markdown]
// ## The details
//
// The head learns from the sixteen kinds. Measured is how often the nearest training picture is of the same kind.

// %%
var model = mlContext.Transforms.MrlFineTune("Embedding", "Features", MrlObjective.Classification("Kind")).Fit(train);
var components = mlContext.Transforms.PcaRotate("Embedding", "Features", 256).Fit(train);
DimensionReport Measure(ITransformer system, string column, string label, string name)
{
    int[] lengths = [2, 4, 8, 16, 32, 64, 128, 256, 512];
    IDataView measured = system.Transform(test);
    int width = ((VectorDataViewType)measured.Schema[column].Type).Size;
    return mlContext.Mrl().EvaluateClassification(measured, column, label, reference: system.Transform(train), new MatryoshkaDimensions(lengths.Where(length => length <= width))).WithName(name);
}

var report = Measure(model, "Embedding", "Kind", "ResNet-18 + head, cut");
var kinds = new DimensionComparison(
    Measure(model, "Features", "Kind", "ResNet-18, cut"), Measure(components, "Embedding", "Kind", "principal components"), report);
Console.WriteLine(kinds); //> kinds

// %% [markdown]
// ## Half of it alone
//
// How much do the first values see if only the filling must agree, or only the outline? First the network's own values, cut:

// %%
DimensionComparison Halves(string column) => new(Measure(model, column, "Filling", "filling alone"), Measure(model, column, "Outline", "outline alone"), Measure(model, column, "Kind", "both"));
var before = Halves("Features");
Console.WriteLine(before); //> before

// %% [markdown]
// And those of the head:

// %%
var after = Halves("Embedding");
Console.WriteLine(after); //> after

// %% [markdown]
// The filling is the coarse view: two values see it. The outline is the fine one: it takes four to eight values, and every picture that is still taken for another kind is taken for another outline. The
// network itself spreads both over more than a hundred values, since it learned to tell a thousand other things apart. So eight values of the head see more than all 512 of the network.

// %% [markdown]
// ## The answer, and the model that goes with it

// %%
Console.WriteLine($"The fewest values that surely keep 95 %: {mlContext.Mrl().RecommendDimensions(report, keep: 0.95).Dimensions} of 512.");
ITransformer whole = featurizer.Append(model).Append(mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: 8).Fit(model.Transform(train)));
string zip = Path.Combine(folder, "model.zip");
mlContext.Model.Save(whole, trainPictures.Schema, zip);
IDataView shown = mlContext.Model.Load(zip, out _).Transform(mlContext.Data.TakeRows(testPictures, 1));
Console.WriteLine($"One picture: {shown.GetColumn<float[]>("Features").First().Length} values of the network, {shown.GetColumn<float[]>("Short").First().Length} after the cut.");
Directory.Delete(folder, recursive: true);

// %% [markdown]
// One zip file now takes the name of a picture's file and gives its short vector. For your own pictures, put their names and labels in the place of these.
