using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the code that measures the model at every dimension.</summary>
internal static class EvaluateCode
{
    /// <summary>Returns the content of the file.</summary>
    public static string Write(ProjectSource source) => $$"""
        {{ProjectSource.Banner}}
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Runtime.InteropServices;
        using Microsoft.ML;
        using Microsoft.ML.Mrl;

        namespace {{source.Name.Namespace}};

        public static partial class {{source.Class}}
        {
        {{(source.Data.Task == TaskKind.Unsupervised ? Unsupervised(source) : Supervised(source))}}
        }

        """;

    private static string Unsupervised(ProjectSource source) => $"""
            /// <summary>Returns the measurement of the training itself, on rows that it held back. There is no label to measure by.</summary>
            public static string DescribeTraining(MLContext mlContext, ITransformer model) =>
                mlContext.Mrl().{(source.Result.Model.Encoder is null ? "FindHead" : "FindEncoder")}(model).Training?.ToString() ?? "The model does not tell how it was trained.";
        """;

    private static string Supervised(ProjectSource source)
    {
        TaskColumns columns = source.Columns;
        string call = source.Data.Task switch
        {
            TaskKind.Classification => $"""
                mlContext.Mrl().EvaluateClassification(
                            model.Transform(data), "{TaskColumns.Embedding}", "{columns.Target}", reference is null ? null : model.Transform(reference), dimensions);
                """,
            TaskKind.ScoredPairs => $"""
                mlContext.Mrl().EvaluateSimilarity(
                            EmbedBothSides(mlContext, model, data), "{TaskColumns.Embedding}", "{TaskColumns.PositiveEmbedding}", "{columns.Target}", dimensions);
                """,
            _ => $"""
                mlContext.Mrl().EvaluateRetrieval(
                            EmbedBothSides(mlContext, model, data), "{TaskColumns.Embedding}", "{TaskColumns.PositiveEmbedding}", dimensions);
                """,
        };
        string bothSides = columns.Positive is null ? "" : $$"""


                /// <summary>Embeds the input and the positive with the same model.</summary>
                public static IDataView EmbedBothSides(MLContext mlContext, ITransformer model, IDataView data)
                {
                    data = Copy("KeptInput", "{{columns.Input}}");
                    data = Copy("{{columns.Input}}", "{{columns.Positive}}");
                    data = model.Transform(data);
                    data = Copy("{{TaskColumns.PositiveEmbedding}}", "{{TaskColumns.Embedding}}");
                    data = Copy("{{columns.Input}}", "KeptInput");
                    return model.Transform(data);

                    IDataView Copy(string to, string from) => mlContext.Transforms.CopyColumns(to, from).Fit(data).Transform(data);
                }
            """;
        bool hasReference = source.Data.Task == TaskKind.Classification;
        string parameter = hasReference ? "IDataView? reference = null, " : "";
        string parameterDoc = hasReference
            ? "\n    /// <param name=\"reference\">The rows to classify by. If left out, each row is classified by all others.</param>"
                : "";
        return $$"""
                /// <summary>Measures the model at every dimension.</summary>
                /// <param name="mlContext">The context.</param>
                /// <param name="model">The model, such as <see cref="Model"/>.</param>
                /// <param name="data">The rows, as <see cref="LoadIDataViewFromFile"/> gives them.</param>{{parameterDoc}}
                /// <param name="dimensions">The dimensions. If left out, those that were trained.</param>
                public static DimensionReport Evaluate(MLContext mlContext, ITransformer model, IDataView data, {{parameter}}MatryoshkaDimensions? dimensions = null) =>
                    {{call}}{{bothSides}}

            {{HeldOut(source)}}
            """;
    }

    // Where the test rows are a part of the data set, the generated code trains on the others alone, so that its measurement stays honest.
    private static string HeldOut(ProjectSource source)
    {
        string rows = "mlContext.Data.CreateEnumerable<TrainingRow>";
        string key = source.Columns.IsText
            ? $"row.{source.Columns.Input}"
            : $"Convert.ToBase64String(MemoryMarshal.AsBytes(row.{source.Columns.Input}.AsSpan()))";
        string training = source.Data.TestName is not null
            ? "=> LoadIDataViewFromFile(mlContext, inputDataFilePath);"
            : $$"""

                {
                    HashSet<string> heldOut = {{rows}}(LoadHeldOutRows(mlContext), reuseRowObject: false).Select(Key).ToHashSet();
                    IEnumerable<TrainingRow> rows = {{rows}}(LoadIDataViewFromFile(mlContext, inputDataFilePath), reuseRowObject: false);
                    return LoadIDataView(mlContext, rows.Where(row => !heldOut.Contains(Key(row))).ToArray());

                    static string Key(TrainingRow row) => {{key}};
                }
            """;
        return $$"""
                /// <summary>The path of the rows that were held out of the training, in ML.NET's binary form.</summary>
                public static readonly string HeldOutFilePath = Path.Combine(AppContext.BaseDirectory, {{CSharpLiteral.Text(source.HeldOutFile)}});

                /// <summary>Reads the rows that were held out of the training.</summary>
                public static IDataView LoadHeldOutRows(MLContext mlContext) => mlContext.Data.LoadFromBinary(HeldOutFilePath);

                /// <summary>Reads the rows of a file that were not held out of the training.</summary>
                public static IDataView LoadTrainingRows(MLContext mlContext, string inputDataFilePath) {{training}}
            """;
    }
}
