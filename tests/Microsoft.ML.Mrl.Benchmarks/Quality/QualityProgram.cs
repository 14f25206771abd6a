using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Makes the table of quality by dimension: <c>dotnet run -c Release -- quality DATA-FOLDER [key=value …]</c>.</summary>
internal static class QualityProgram
{
    public static int Run(string[] args)
    {
        string folder = args[0];
        var settings = args[1..].Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        int[] seeds = [.. Setting("seeds", "1").Split(',').Select(int.Parse)];
        foreach (string task in Setting("tasks", "banking77,clinc150,stsb,optdigits").Split(','))
        {
            (Example[] train, Example[] test) = task switch
            {
                "banking77" => Tasks.Banking77(folder),
                "clinc150" => Tasks.Clinc150(folder),
                "stsb" => Tasks.Stsb(folder),
                "banktext" => Tasks.Banking77(folder),
                "support" => Tasks.Support("src/Microsoft.ML.Mrl.Cli/Data/support.tsv"),
                _ => Tasks.Optdigits(folder),
            };
            foreach (int seed in seeds)
            {
                RunOne(task, train, test, seed);
            }
        }
        return 0;

        string Setting(string name, string otherwise) => settings.GetValueOrDefault(name, otherwise);

        double Number(string name, double otherwise) => settings.TryGetValue(name, out string? v) ? double.Parse(v, CultureInfo.InvariantCulture) : otherwise;

        static IEnumerable<TextRow> Rows(Example[] part) => part.Select(e => new TextRow(e.Text, e.Label));

        void RunOne(string task, Example[] train, Example[] test, int seed)
        {
            var mlContext = new MLContext(seed);
            if (settings.ContainsKey("log"))
            {
                mlContext.Log += (_, e) =>
                {
                    if (e.Source.StartsWith("Mrl", StringComparison.Ordinal)) { Console.WriteLine(e.Message); }
                };
            }
            IDataView trainView, testView;
            int width;
            if (task is "support" or "banktext")
            {
                var fit = mlContext.Transforms.Text.FeaturizeText("Vector", "Text").Fit(mlContext.Data.LoadFromEnumerable(Rows(train)));
                trainView = mlContext.Data.Cache(fit.Transform(mlContext.Data.LoadFromEnumerable(Rows(train))), "Vector", "Label");
                testView = mlContext.Data.Cache(fit.Transform(mlContext.Data.LoadFromEnumerable(Rows(test))), "Vector", "Label");
                width = 256;
                if (settings.ContainsKey("sdca"))
                {
                    var chain = mlContext.Transforms.Conversion.MapValueToKey("Label").Append(mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy("Label", "Vector"));
                    Console.WriteLine($"SDCA accuracy {mlContext.MulticlassClassification.Evaluate(chain.Fit(trainView).Transform(testView)).MicroAccuracy:F3}");
                }
            }
            else
            {
                width = train[0].Vector.Length;
                var schema = SchemaDefinition.Create(typeof(Example));
                schema[nameof(Example.Vector)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
                schema[nameof(Example.Other)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
                trainView = mlContext.Data.LoadFromEnumerable(train, schema);
                testView = mlContext.Data.LoadFromEnumerable(test, schema);
            }
            MatryoshkaDimensions dimensions = MatryoshkaDimensions.DoubledUpTo(width);
            MrlObjective objective = task == "stsb" ? MrlObjective.ScoredPairs("Other", "Score") : MrlObjective.Classification("Label");
            var options = new MrlFineTuneOptions
            {
                OutputColumnName = "Embedding",
                InputColumnName = "Vector",
                Objective = objective,
                Dimensions = dimensions,
                LearningRate = Number("lr", 0.02),
                Epochs = (int)Number("epochs", 40),
                BatchSize = (int)Number("batch", 256),
                WeightDecay = Number("decay", 0.01),
                Patience = (int)Number("patience", 10),
            };
            foreach (string system in Setting("systems", "raw,pca,mrl").Split(','))
            {
                var clock = Stopwatch.StartNew();
                MrlTransformer? model = system switch
                {
                    "pca" => mlContext.Transforms.PcaRotate("Embedding", "Vector", width).Fit(trainView),
                    "mrl" => mlContext.Transforms.MrlFineTune(options).Fit(trainView),
                    _ => null,
                };
                double seconds = clock.Elapsed.TotalSeconds;
                string column = model is null ? "Vector" : "Embedding";
                if (model is null && task is "support" or "banktext")
                {
                    continue;
                }
                IDataView from = model?.Transform(trainView) ?? trainView, to = model?.Transform(testView) ?? testView;
                if (task == "stsb")
                {
                    MrlTransformer? other = model is null ? null : mlContext.Transforms.ApplyEmbeddingHead(model.Head, "OtherEmbedding", "Other").Fit(to);
                    Print(task, system, seed, seconds, mlContext.Mrl().EvaluateSimilarity(other?.Transform(to) ?? to, column, other is null ? "Other" : "OtherEmbedding", "Score", dimensions), "Spearman");
                }
                else
                {
                    DimensionReport report = mlContext.Mrl().EvaluateClassification(to, column, "Label", from, dimensions);
                    Print(task, system, seed, seconds, report, "NearestCentroid", "1-NN");
                }
            }
        }
    }

    private static void Print(string task, string system, int seed, double seconds, DimensionReport report, params string[] metrics)
    {
        foreach (string metric in metrics)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{task,-10} {system,-5} seed {seed} {metric,-16} {string.Join("  ", report.Rows.Select(r => $"{r.Dimensions}: {r[metric] * 100:F1}"))}   ({seconds:F1} s)"));
        }
    }

    private sealed class TextRow(string text, string label)
    {
        public string Text { get; } = text;

        public string Label { get; } = label;
    }
}
