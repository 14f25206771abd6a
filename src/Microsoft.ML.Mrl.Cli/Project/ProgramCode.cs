using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the program that shows the model at work.</summary>
internal static class ProgramCode
{
    /// <summary>The file's content.</summary>
    public static string Write(ProjectSource source)
    {
        ExampleRow row = source.Data.Training[0];
        string sample = source.Columns.IsText ? CSharpLiteral.Text(row.Text) : $"[{string.Join(", ", row.Vector.Select(CSharpLiteral.Single))}]";
        string shown = source.Columns.IsText ? $"Console.WriteLine($\"Text: {{sample.{source.Columns.Input}}}\");\n" : "";
        string evaluate = source.Data.Task == TaskKind.Unsupervised
            ? $"Console.WriteLine({source.Class}.DescribeTraining(mlContext, {source.Class}.Model));"
            : $"Console.WriteLine({source.Class}.Evaluate(mlContext, {source.Class}.Model, {source.Class}.LoadIDataViewFromFile(mlContext, args.Length > 1 ? args[1] : {source.Class}.RetrainFilePath)));";
        return $$"""
            {{ProjectSource.Banner}}
            using System;
            using System.Globalization;
            using System.Linq;
            using Microsoft.ML;
            using {{source.Name.Namespace}};

            // dotnet run                   embeds a sample
            // dotnet run -- evaluate FILE  measures the model at every dimension
            // dotnet run -- train FILE     trains anew; FILE left out: the file that the model was trained on
            var mlContext = new MLContext(seed: {{source.Class}}.Seed);
            switch (args.FirstOrDefault())
            {
                case "evaluate":
                    {{evaluate}}
                    return;
                case "train":
                    {{source.Class}}.Train(mlContext, {{source.Class}}.ModelPath, args.Length > 1 ? args[1] : {{source.Class}}.RetrainFilePath);
                    Console.WriteLine("Trained anew: " + {{source.Class}}.ModelPath);
                    return;
            }
            var sample = new {{source.Class}}.ModelInput { {{source.Columns.Input}} = {{sample}} };
            float[] embedding = {{source.Class}}.Predict(sample, {{source.Class}}.RecommendedDimensions);
            {{shown}}Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Embedding, {embedding.Length} of { {{source.Class}}.FullDimensions } values at unit length:"));
            Console.WriteLine(string.Join(", ", embedding.Select(value => value.ToString("G7", CultureInfo.InvariantCulture))));

            """;
    }
}
