using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the code that trains the model anew.</summary>
internal static class TrainingCode
{
    /// <summary>Returns the content of the file.</summary>
    public static string Write(ProjectSource source)
    {
        TaskColumns columns = source.Columns;
        string properties = string.Join(
            "\n\n",
            LoadingCode.Fields(source).Select(field => source.InputProperty(field.Name, field.Field, "        ")))
                + source.TargetProperty("        ");
        string data = source.Data.Test.Count > 0 ? "LoadTrainingRows" : "LoadIDataViewFromFile";
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {{ProjectSource.Banner}}
            using System;
            using System.Collections.Generic;
            using System.Globalization;
            using System.IO;
            using System.Linq;
            using System.Reflection;
            using System.Runtime.InteropServices;
            using Microsoft.ML;
            using Microsoft.ML.Data;
            using Microsoft.ML.Mrl;
            using Microsoft.ML.Transforms.Text;

            namespace {{source.Name.Namespace}};

            public static partial class {{source.Class}}
            {
                /// <summary>The seed of the training. The same seed, rows and machine give the same model.</summary>
                public const int Seed = {{source.Request.Seed}};

                /// <summary>The file that the model was trained on.</summary>
                public static readonly string RetrainFilePath = {{DataPath(source)}};

                /// <summary>The folder of this project, which a build copies the model from.</summary>
                public static readonly string ProjectFolder =
                    typeof({{source.Class}}).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(pair => pair.Key == "ProjectFolder").Value!;

                /// <summary>A row to train on.</summary>
                public sealed class TrainingRow
                {
            {{properties}}
                }

                /// <summary>Trains on the rows of a file{{(source.Data.Test.Count > 0 ? ", without those that were held out to test with," : "")}} and saves the model.</summary>
                /// <param name="mlContext">The context.</param>
                /// <param name="outputModelPath">The file of the model, which is replaced.</param>
                /// <param name="inputDataFilePath">A file with the columns of <see cref="RetrainFilePath"/>.</param>
                public static void Train(MLContext mlContext, string outputModelPath, string inputDataFilePath)
                {
                    IDataView data = {{data}}(mlContext, inputDataFilePath);
                    SaveModel(mlContext, RetrainModel(mlContext, data), outputModelPath);
                }

                /// <summary>Saves a model whose input is <see cref="ModelInput"/>.</summary>
                public static void SaveModel(MLContext mlContext, ITransformer model, string modelSavePath) =>
                    mlContext.Model.Save(model, mlContext.Data.LoadFromEnumerable(Array.Empty<ModelInput>()).Schema, modelSavePath);

            {{LoadingCode.Write(source)}}

                /// <summary>Makes a data view of rows of your own to train on.</summary>
                public static IDataView LoadIDataView(MLContext mlContext, IEnumerable<TrainingRow> rows) => mlContext.Data.LoadFromEnumerable(rows);

            {{Pipeline(source)}}

                /// <summary>The options of the training.</summary>
                private static {{(source.TunesEncoder ? "MrlFineTuneEncoderOptions Options(TextEncoder encoder)" : "MrlFineTuneOptions Options()")}} => new()
                {
                    OutputColumnName = "{{TaskColumns.Embedding}}",
                    InputColumnName = "{{source.Learned.Input}}",{{(source.TunesEncoder ? "\n        Encoder = encoder," : "")}}
                    Objective = {{Objective(source)}},
                    Dimensions = new MatryoshkaDimensions({{CSharpLiteral.List(source.Result.Model.TrainedDimensions)}}),
                    Seed = Seed,{{Chosen(source)}}
                };
            {{(columns.IsText && !columns.IsEncoded ? TextFeatures() : "")}}}

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

    private static string Pipeline(ProjectSource source) => source.TunesEncoder ? EncoderPipelineCode.Write(source)
        : source.Columns.IsEncoded ? EncodedPipeline(source)
        : source.Columns.IsText && source.Columns.Positive is not null ? SharedPipeline(source)
        : PlainPipeline(source);

    // What was chosen for the user is written out too, so that it can be seen and changed.
    private static string Chosen(ProjectSource source)
    {
        TrainRequest request = source.Request;
        TrainingPlan plan = Plan(source);
        var lines = new List<string>
        {
            Text($"Epochs = {plan.Epochs},"),
            Text($"BatchSize = {plan.BatchSize},"),
        };
        if (request.LearningRate is { } rate)
        {
            lines.Add(source.Result.Model.Encoder is TransformerTextEncoder
                ? Text($"Transformer = new TransformerTrainingOptions {{ LearningRate = {rate:R} }},")
                : Text($"LearningRate = {rate:R},"));
        }
        if (request.Head is { } head)
        {
            lines.Add($"Head = HeadKind.{head},");
        }
        if (request.TrainTime is { } time)
        {
            lines.Add(Text($"TrainTime = TimeSpan.FromSeconds({time.TotalSeconds:R}),"));
        }
        if (plan.LearningRates.Count > 1 && request.LearningRate is null)
        {
            lines.Add("// Without a LearningRate several are tried, and the rows held back choose.");
        }
        return string.Concat(lines.Select(line => $"\n        {line}"));
    }

    private static TrainingPlan Plan(ProjectSource source)
    {
        TrainedModel model = source.Result.Model;
        MrlObjective objective = MrlObjective.Unsupervised();
        string input = source.Learned.Input;
        return model.Encoder is { } encoder
            ? TrainingPlan.For(EncoderOptions.Of(source.Request, input, objective, encoder), encoder.FullDimensions, source.Request.Seed)
            : TrainingPlan.For(
                HeadOptions.Of(source.Request, input, objective, model.InputEncoder?.Dimensions),
                model.Head!.InputDimensions,
                source.Request.Seed);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string EncodedPipeline(ProjectSource source)
    {
        TaskColumns columns = source.Columns;
        (string Texts, string? Vectors)[] pairs =
            [(columns.Input, columns.Features), (columns.Positive ?? "", columns.PositiveFeatures),
                (columns.Negative ?? "", columns.NegativeFeatures)];
        string both = string.Join(
            ", ", pairs.Where(pair => pair.Vectors is not null)
                .Select(pair => $"new InputOutputColumnPair(\"{pair.Vectors}\", \"{pair.Texts}\")"));
        return $$"""
                /// <summary>Trains on rows. The encoder stays as it is, and a head learns from its vectors.</summary>
                public static ITransformer RetrainModel(MLContext mlContext, IDataView data)
                {
                    TextEncoder encoder = StartingEncoder(mlContext);
                    IDataView vectors = mlContext.Transforms.EncodeText([{{both}}], encoder).Fit(data).Transform(data);
                    MrlTransformer head = BuildPipeline(mlContext).Fit(vectors);
                    return mlContext.Transforms.EncodeText("{{columns.Features}}", "{{columns.Input}}", encoder).Fit(data).Append(head);
                }

                /// <summary>Returns the step behind the encoder before it is trained.</summary>
                public static IEstimator<MrlTransformer> BuildPipeline(MLContext mlContext) => mlContext.Transforms.MrlFineTune(Options());

                /// <summary>The encoder, which the model has in it: {{source.Request.Encoder!.Title}}.</summary>
                public static TextEncoder StartingEncoder(MLContext mlContext) => mlContext.Mrl().FindEncoder(Model);
            """;
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

                /// <summary>Returns the steps before they are trained.</summary>
                public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext) =>
                    {{pipeline}}
            """;
    }

    private static string SharedPipeline(ProjectSource source)
    {
        TaskColumns columns = source.Columns;
        string negativeTexts = columns.Negative is { } negative ? $".Concat(Texts(\"{negative}\"))" : "";
        string negativeFeatures = columns.Negative is { } column
            ? $"\n        data = Features(\"{column}\", \"{columns.NegativeFeatures}\");" : "";
        return $$"""
                /// <summary>Trains on rows. One set of text features serves both sides of the pairs.</summary>
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

                /// <summary>Returns the step behind the text features before it is trained.</summary>
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
