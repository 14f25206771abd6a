#:property PublishAot=false
#:project ../src/Microsoft.ML.Mrl.TorchSharp/Microsoft.ML.Mrl.TorchSharp.csproj
#:package TorchSharp-cpu
#:package Microsoft.ML.OnnxTransformer
#:package Microsoft.ML.OnnxRuntime

// %% [markdown]
// # Adapt an ONNX encoder
//
// Question: I have an encoder as an .onnx file. How do I make its vectors short without training the encoder again?
//
// A head is trained on the encoder's vectors, and both are written as one file that takes the encoder's place. The encoder here is a small one made on the spot, latent semantic analysis
// (128 components of word and character counts), so that nothing must be downloaded. For your own, start at *Run it*.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;

string here = AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Environment.CurrentDirectory;
string texts = Path.Combine(here, "..", "src", "Microsoft.ML.Mrl.Cli", "Data", "support.tsv");
string folder = Directory.CreateTempSubdirectory("adapt-an-onnx-encoder-").FullName;
var mlContext = new MLContext(seed: 1);
var data = mlContext.Data.LoadFromTextFile(texts, [new("Text", DataKind.String, 0), new("Label", DataKind.String, 1)], hasHeader: true);
var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2);
var counts = mlContext.Transforms.Text.FeaturizeText("features", "Text").Fit(split.TrainSet);
IDataView train = mlContext.Data.Cache(counts.Transform(split.TrainSet)), test = mlContext.Data.Cache(counts.Transform(split.TestSet));

// %% [markdown]
// Make the encoder: a linear map, exported as `sentence_embedding`, the name that sentence encoders use.

// %%
string encoder = Path.Combine(folder, "encoder.onnx");
var analysis = mlContext.Transforms.PcaRotate("analysis", "features", 128).Fit(train);
mlContext.Mrl().ExportToOnnx(analysis.Head, encoder, inputName: "features", outputName: "sentence_embedding");
Console.WriteLine($"encoder.onnx: {analysis.Head.InputDimensions} values in, {analysis.Head.OutputDimensions} out.");

// %% [markdown]
// ## Run it, and train a head behind it
//
// `ApplyOnnxModel` makes the vectors, `MrlFineTune` learns from them. The encoder stays as it is.

// %%
var pipeline = mlContext.Transforms.ApplyOnnxModel("sentence_embedding", "features", encoder)
    .AppendCacheCheckpoint(mlContext)
    .Append(mlContext.Transforms.MrlFineTune("embedding", "sentence_embedding", MrlObjective.Classification("Label")));
var model = pipeline.Fit(train);
IDataView adaptedTrain = mlContext.Data.Cache(model.Transform(train)), adaptedTest = mlContext.Data.Cache(model.Transform(test));
DimensionReport Measure(string column, string system) => mlContext.Mrl().EvaluateClassification(adaptedTest, column, "Label", reference: adaptedTrain).WithName(system);
var comparison = new DimensionComparison(Measure("sentence_embedding", "encoder, cut"), Measure("embedding", "encoder + head, cut"));
Console.WriteLine(comparison); //> comparison

// %% [markdown]
// Cut, the encoder's own vectors lose most of what they know; with the head, 16 values know more than all 128 of the encoder. A head also lifts the full width, since it learned what the labels are about.

// %% [markdown]
// ## One file
//
// The cut and the rescaling to unit length go into the graph, so whoever runs the file gets 32 finished values.

// %%
string adapted = Path.Combine(folder, "encoder-mrl.onnx");
EmbeddingHead head = mlContext.Mrl().FindHead(model);
mlContext.Mrl().AppendToOnnx(encoder, head, adapted, dimensions: 32);

var alone = mlContext.Transforms.ApplyOnnxModel("mrl_embedding", "features", adapted).Fit(test).Transform(test);
var inPipeline = mlContext.Transforms.TruncateEmbedding("short", "embedding", dimensions: 32).Fit(adaptedTest).Transform(adaptedTest);
float largest = alone.GetColumn<float[]>("mrl_embedding").Zip(inPipeline.GetColumn<float[]>("short"), (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max();
Console.WriteLine($"encoder-mrl.onnx gives the pipeline's 32 values, {(largest < 1e-5 ? "to within 0.00001" : $"but for {largest}")}.");

// %%
(model as IDisposable)?.Dispose();
Directory.Delete(folder, recursive: true);

// %% [markdown]
// Next: give the new file the name of the old one. An encoder that gives a vector for every token needs its pooling said: `AppendToOnnx(…, options: new OnnxAppendOptions { Pooling = TokenPooling.Mean })`.
// Vectors stored before the change must be made again: cut vectors of the new file and of the old one do not compare.
