using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the program that shows the model at work.</summary>
internal static class ProgramCode
{
    /// <summary>Returns the content of the file.</summary>
    public static string Write(ProjectSource source)
    {
        ExampleRow row = source.Data.Training[0];
        string sample = source.Columns.IsText ? CSharpLiteral.Text(row.Text)
            : $"[{string.Join(", ", row.Vector.Select(CSharpLiteral.Single))}]";
        string shown = source.Columns.IsText ? $"Console.WriteLine($\"Text: {{sample.{source.Columns.Input}}}\");\n" : "";
        string name = source.Class;
        string usage = source.Data.Task == TaskKind.Unsupervised
            ? "// dotnet run -- evaluate       shows what the training itself measured; it reads no file."
            : """
                // dotnet run -- evaluate FILE  measures the model at every dimension on the rows of a file that it was not trained on.
                //                              Without FILE, on the rows that were held out of the training.
                """;
        string reference = source.Data.Task == TaskKind.Classification
            ? $", {name}.LoadTrainingRows(mlContext, {name}.RetrainFilePath)"
            : "";
        string evaluate = source.Data.Task == TaskKind.Unsupervised
            ? $"    Console.WriteLine({name}.DescribeTraining(mlContext, {name}.Model));"
            : $$"""
                    Console.WriteLine(args.Length > 1
                            ? {{name}}.Evaluate(mlContext, {{name}}.Model, {{name}}.LoadIDataViewFromFile(mlContext, args[1]))
                            : {{name}}.Evaluate(mlContext, {{name}}.Model, {{name}}.LoadHeldOutRows(mlContext){{reference}}));
                """;
        return $$"""
            {{ProjectSource.Banner}}
            using System;
            using System.Globalization;
            using System.IO;
            using System.Linq;
            using Microsoft.ML;
            using {{source.Name.Namespace}};

            // dotnet run                   embeds a sample.
            {{usage}}
            // dotnet run -- train FILE     trains anew. Without FILE, on the file that the model was trained on.
            var mlContext = new MLContext(seed: {{source.Class}}.Seed);
            switch (args.FirstOrDefault())
            {
                case "evaluate":
                {{evaluate}}
                    return;
                case "train":
                    string trained = Path.GetTempFileName();
                    {{source.Class}}.Train(mlContext, trained, args.Length > 1 ? args[1] : {{source.Class}}.RetrainFilePath);
                    // The program reads the first, and the next build copies the second.
                    foreach (string path in new[] { {{source.Class}}.ModelPath, Path.Combine({{source.Class}}.ProjectFolder, Path.GetFileName({{source.Class}}.ModelPath)) })
                    {
                        if (Directory.Exists(Path.GetDirectoryName(path)))
                        {
                            File.Delete(path);
                            File.Copy(trained, path);
                            Console.WriteLine("Trained anew: " + path);
                        }
                    }
                    File.Delete(trained);
                    return;
            }
            var sample = new {{source.Class}}.ModelInput { {{source.Columns.Input}} = {{sample}} };
            float[] embedding = {{source.Class}}.Predict(sample, {{source.Class}}.RecommendedDimensions);
            {{shown}}Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Embedding, {embedding.Length} of { {{source.Class}}.FullDimensions } values at unit length:"));
            Console.WriteLine(string.Join(", ", embedding.Select(value => value.ToString("G7", CultureInfo.InvariantCulture))));

            """;
    }
}
