using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the code that trains the model anew.</summary>
internal static class TrainingCode
{
    /// <summary>The file's content.</summary>
    public static string Write(ProjectSource source)
    {
        TaskColumns columns = source.Columns;
        string target = columns.Target switch
        {
            nameof(ExampleRow.Label) => "\n\n        public string Label { get; set; } = \"\";",
            nameof(ExampleRow.Score) => "\n\n        public float Score { get; set; }",
            _ => "",
        };
        string properties = string.Join("\n\n", new[] { columns.Input, columns.Positive, columns.Negative }.OfType<string>().Select(name => source.InputProperty(name, "        "))) + target;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {{ProjectSource.Banner}}
            using System;
            using System.Collections.Generic;
            using System.Globalization;
            using System.IO;
            using System.Linq;
            using Microsoft.ML;
            using Microsoft.ML.Data;
            using Microsoft.ML.Mrl;
            using Microsoft.ML.Transforms.Text;

            namespace {{source.Name.Namespace}};

            public static partial class {{source.Class}}
            {
                /// <summary>The seed of the training: the same seed, rows and machine give the same model.</summary>
                public const int Seed = {{source.Request.Seed}};

                /// <summary>The file that the model was trained on.</summary>
                public static readonly string RetrainFilePath = {{DataPath(source)}};

                /// <summary>A row to learn from.</summary>
                public sealed class TrainingRow
                {
            {{properties}}
                }

                /// <summary>Trains on a file and saves the model.</summary>
                /// <param name="mlContext">The context.</param>
                /// <param name="outputModelPath">The model's file, which is replaced.</param>
                /// <param name="inputDataFilePath">A file with the columns of <see cref="RetrainFilePath"/>.</param>
                public static void Train(MLContext mlContext, string outputModelPath, string inputDataFilePath)
                {
                    IDataView data = LoadIDataViewFromFile(mlContext, inputDataFilePath);
                    SaveModel(mlContext, RetrainModel(mlContext, data), outputModelPath);
                }

                /// <summary>Saves a model whose input is that of <see cref="ModelInput"/>.</summary>
                public static void SaveModel(MLContext mlContext, ITransformer model, string modelSavePath) =>
                    mlContext.Model.Save(model, mlContext.Data.LoadFromEnumerable(Array.Empty<ModelInput>()).Schema, modelSavePath);

            {{LoadingCode.Write(source)}}

                /// <summary>Rows of one's own as a view to train on.</summary>
                public static IDataView LoadIDataView(MLContext mlContext, IEnumerable<TrainingRow> rows) => mlContext.Data.LoadFromEnumerable(rows);

            {{(source.Request.Encoder is not null ? EncoderPipelineCode.Write(source) : columns.IsText && columns.Positive is not null ? SharedPipeline(source) : PlainPipeline(source))}}

                /// <summary>What is trained, and how.</summary>
                private static {{(source.Request.Encoder is null ? "MrlFineTuneOptions Options()" : "MrlFineTuneEncoderOptions Options(TextEncoder encoder)")}} => new()
                {
                    OutputColumnName = "{{TaskColumns.Embedding}}",
                    InputColumnName = "{{source.Learned.Input}}",{{(source.Request.Encoder is null ? "" : "\n        Encoder = encoder,")}}
                    Objective = {{Objective(source)}},
                    Dimensions = new MatryoshkaDimensions({{CSharpLiteral.List(source.Result.Model.TrainedDimensions)}}),
                    Seed = Seed,{{Budget(source)}}
                };
            {{(columns.IsText && source.Request.Encoder is null ? TextFeatures() : "")}}}

            """);
    }

    private static string DataPath(ProjectSource source) => Path.IsPathRooted(source.DataPath)
        ? CSharpLiteral.Text(source.DataPath)
        : $"Path.Combine(AppContext.BaseDirectory, {CSharpLiteral.Text(source.DataPath)})";

    private static string Objective(ProjectSource source)
    {
        LearnedColumns columns = source.Learned;
        string? target = source.Columns.Target;
        return source.Data.Task switch
        {
            TaskKind.Classification => $"MrlObjective.Classification(\"{target}\")",
            TaskKind.Pairs when columns.Negative is { } negative => $"MrlObjective.Pairs(\"{columns.Positive}\", \"{negative}\")",
            TaskKind.Pairs => $"MrlObjective.Pairs(\"{columns.Positive}\")",
            TaskKind.ScoredPairs => $"MrlObjective.ScoredPairs(\"{columns.Positive}\", \"{target}\")",
            _ => "MrlObjective.Unsupervised()",
        };
    }

    private static string Budget(ProjectSource source)
    {
        string epochs = source.Request.Epochs is { } most ? string.Create(CultureInfo.InvariantCulture, $"\n        Epochs = {most},") : "";
        return source.Request.TrainTime is { } time
            ? string.Create(CultureInfo.InvariantCulture, $"{epochs}\n        TrainTime = TimeSpan.FromSeconds({time.TotalSeconds:R}),")
            : epochs;
    }

    private static string PlainPipeline(ProjectSource source)
    {
        string pipeline = source.Columns.IsText
            ? $"""
                mlContext.Transforms.Text.FeaturizeText("{source.Columns.Features}", TextFeatures(), "{source.Columns.Input}")
                            .Append(mlContext.Transforms.MrlFineTune(Options()));
                """
            : "mlContext.Transforms.MrlFineTune(Options());";
        return $$"""
                /// <summary>Trains on rows.</summary>
                public static ITransformer RetrainModel(MLContext mlContext, IDataView data) => BuildPipeline(mlContext).Fit(data);

                /// <summary>The steps, untrained.</summary>
                public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext) =>
                    {{pipeline}}
            """;
    }

    private static string SharedPipeline(ProjectSource source)
    {
        TaskColumns columns = source.Columns;
        string negativeTexts = columns.Negative is { } negative ? $".Concat(Texts(\"{negative}\"))" : "";
        string negativeFeatures = columns.Negative is { } column ? $"\n        data = Features(\"{column}\", \"{columns.NegativeFeatures}\");" : "";
        return $$"""
                /// <summary>Trains on rows: one set of text features serves both sides.</summary>
                public static ITransformer RetrainModel(MLContext mlContext, IDataView data)
                {
                    IEnumerable<ModelInput> texts = Texts("{{columns.Input}}").Concat(Texts("{{columns.Positive}}")){{negativeTexts}};
                    ITransformer featurizer = mlContext.Transforms.Text.FeaturizeText("{{columns.Features}}", TextFeatures(), "{{columns.Input}}").Fit(mlContext.Data.LoadFromEnumerable(texts));
                    data = Copy("KeptInput", "{{columns.Input}}");
                    data = Features("{{columns.Positive}}", "{{columns.PositiveFeatures}}");{{negativeFeatures}}
                    data = Copy("{{columns.Input}}", "KeptInput");
                    return featurizer.Append(BuildPipeline(mlContext).Fit(featurizer.Transform(data)));

                    IEnumerable<ModelInput> Texts(string column) => data.GetColumn<string>(column).Select(text => new ModelInput { {{columns.Input}} = text }).ToArray();

                    IDataView Features(string column, string features)
                    {
                        data = Copy("{{columns.Input}}", column);
                        data = featurizer.Transform(data);
                        return Copy(features, "{{columns.Features}}");
                    }

                    IDataView Copy(string to, string from) => mlContext.Transforms.CopyColumns(to, from).Fit(data).Transform(data);
                }

                /// <summary>The step that follows the text features, untrained.</summary>
                public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext) => mlContext.Transforms.MrlFineTune(Options());
            """;
    }

    private static string TextFeatures() => """

            private static TextFeaturizingEstimator.Options TextFeatures() => new()
            {
                WordFeatureExtractor = new WordBagEstimator.Options { Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
                CharFeatureExtractor = new WordBagEstimator.Options { NgramLength = 3, UseAllLengths = false, Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
            };

        """;
}
