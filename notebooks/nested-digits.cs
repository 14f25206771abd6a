#:property PublishAot=false
#:project ../src/Microsoft.ML.Mrl.TorchSharp/Microsoft.ML.Mrl.TorchSharp.csproj
#:package TorchSharp-cpu

// %% [markdown]
// # Nested classification heads, as in the paper
//
// Question: what does Matryoshka training do, seen on data small enough to look at?
//
// Kusupati et al. 2022 ([arXiv:2205.13147](https://arxiv.org/abs/2205.13147)) put a softmax classifier on every prefix of the vector and add up the losses: L = Σₘ CE(Wₘ · z[:m], y). Here the
// vectors are digits drawn on the spot, 12 × 12 pixels, shifted and noisy, so that neither a download nor a large machine is needed.

// %%
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;

const int Side = 12;
string[] glyphs =
[
    "01110 10001 10011 10101 11001 10001 01110", "00100 01100 00100 00100 00100 00100 01110", "01110 10001 00001 00110 01000 10000 11111", "11110 00001 00001 01110 00001 00001 11110",
    "00010 00110 01010 10010 11111 00010 00010", "11111 10000 11110 00001 00001 10001 01110", "00110 01000 10000 11110 10001 10001 01110", "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110", "01110 10001 10001 01111 00001 00010 01100",
];

float[] Draw(int digit, Random random)
{
    float[] pixels = new float[Side * Side];
    int left = random.Next(2, 6), top = random.Next(1, 5);
    string[] lines = glyphs[digit].Split(' ');
    for (int i = 0; i < pixels.Length; i++)
    {
        int x = (i % Side) - left, y = (i / Side) - top;
        bool isInk = x is >= 0 and < 5 && y is >= 0 and < 7 && lines[y][x] == '1';
        float ink = isInk && random.NextDouble() > 0.08 ? 1 : 0;
        pixels[i] = ink + (0.7f * ((random.NextSingle() + random.NextSingle() + random.NextSingle()) / 3 - 0.5f));
    }
    return pixels;
}

string Show(params float[][] images)
{
    var text = new StringBuilder();
    for (int y = 0; y < Side; y++)
    {
        text.AppendJoin("  ", images.Select(image => string.Concat(Enumerable.Range(0, Side).Select(x => ".:+*#"[Math.Clamp((int)(image[(y * Side) + x] * 5), 0, 4)])))).Append('\n');
    }
    return text.ToString();
}

var random = new Random(1);
Console.WriteLine(Show([.. Enumerable.Range(2, 5).Select(digit => Draw(digit, random))]));

// %% [markdown]
// Each digit may stand in sixteen places, strokes have gaps, and every pixel is noisy. A few thousand of them are the data.

// %%
var mlContext = new MLContext(seed: 1);
IDataView Digits(int count, int seed, bool shuffleLabels = false)
{
    var random = new Random(seed);
    var rows = Enumerable.Range(0, count).Select(i => new { Pixels = Draw(i % 10, random), Label = (shuffleLabels ? random.Next(10) : i % 10).ToString() }).ToArray();
    var schema = SchemaDefinition.Create(rows[0].GetType(), SchemaDefinition.Direction.Read);
    schema["Pixels"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Side * Side);
    return mlContext.Data.LoadFromEnumerable(rows, schema);
}

IDataView train = Digits(4000, seed: 2), test = Digits(1000, seed: 3);

// %% [markdown]
// Where digits stand in different places no linear map of the pixels tells them apart well, so the head is a residual one: a linear map with a small network beside it. One training makes 2, 4, 8, 16 and 32 values.
// To see what learning alone does, the gate is off for now.

// %%
MrlFineTuneOptions Options(WeightTying tying, HarmGate gate, params int[] dimensions) => new()
{
    OutputColumnName = "Embedding",
    InputColumnName = "Pixels",
    Objective = MrlObjective.Classification("Label", tying),
    Dimensions = new MatryoshkaDimensions(dimensions),
    Head = HeadKind.Residual,
    HiddenDimensions = 256,
    Epochs = 30,
    Gate = gate,
};

var nested = mlContext.Transforms.MrlFineTune(Options(WeightTying.Separate, HarmGate.Off, 2, 4, 8, 16, 32)).Fit(train);
var tied = mlContext.Transforms.MrlFineTune(Options(WeightTying.Shared, HarmGate.Off, 2, 4, 8, 16, 32)).Fit(train);
var components = mlContext.Transforms.PcaRotate("Embedding", "Pixels", 32).Fit(train);

DimensionReport Measure(ITransformer model, string system) => mlContext.Mrl().EvaluateClassification(
    model.Transform(test), "Embedding", "Label", reference: model.Transform(train), nested.Head.TrainedDimensions, new ClassificationOptions { ProbeL2Regularization = 0.1 }).WithName(system);
var report = Measure(nested, "MRL");
var comparison = new DimensionComparison(Measure(components, "principal components"), Measure(tied, "MRL-E (tied)"), report);
Console.WriteLine(comparison); //> comparison

// %% [markdown]
// Principal components keep what varies most, and in the first few that is where the digit stands; the head's first four values tell what the digit is. MRL-E, which shares one classifier among all
// prefixes, does nearly as well. But the lines cross: with 16 components and more, the nearest neighbour reads these simple digits better than the head does. Learning is no gain everywhere.
//
// All measures of the head, the linear probe among them, which the paper uses:

// %%
Console.WriteLine(report); //> report

// %% [markdown]
// ## The gate
//
// This is what the gate is for. Before a head is handed back, it is compared at every dimension with the vectors as they came and with their principal components, on rows held back from the training.
// With the gate on, as it is by default, the same training ends so:

// %%
var wide = mlContext.Transforms.MrlFineTune(Options(WeightTying.Separate, HarmGate.NoDimensionWorse, 2, 4, 8, 16, 32)).Fit(train);
Console.WriteLine($"Kept: {wide.Head.Training!.Winner}. {wide.Head.Training.Verdict}");

// %% [markdown]
// If short vectors are what you are after, ask for those alone. The summary stays with the head, in the saved model too.

// %%
var narrow = mlContext.Transforms.MrlFineTune(Options(WeightTying.Separate, HarmGate.NoDimensionWorse, 2, 4, 8)).Fit(train);
Console.WriteLine(narrow.Head.Training);

// %% [markdown]
// And where there is nothing to learn? Give every digit a label by lot, and train the same way.

// %%
var byLot = mlContext.Transforms.MrlFineTune(Options(WeightTying.Separate, HarmGate.NoDimensionWorse, 2, 4, 8) with { Epochs = 5 }).Fit(Digits(1000, seed: 4, shuffleLabels: true));
Console.WriteLine($"Kept: {byLot.Head.Training!.Winner}. {byLot.Head.Training.Verdict}");

// %% [markdown]
// A head that learned noise is not handed back. `Gate = HarmGate.MeanOnly` asks for a better mean alone, `HarmGate.Off` takes whatever was learned.
//
// Next: your own vectors in the place of the pixels. Try `HeadKind.Linear` first: it is smaller, and on vectors of a good encoder it is enough.
