using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>Defines the commands <c>evaluate</c> and <c>recommend</c>, which measure in the same way.</summary>
internal static class EvaluateCommand
{
    /// <summary>Makes the command <c>evaluate</c>.</summary>
    /// <param name="heldOut">Finds the rows that the training of a model held out.</param>
    /// <param name="console">The console.</param>
    /// <param name="cancellation">Ends the command.</param>
    public static System.CommandLine.Command Create(
        Func<ModelFile, MeasuredRows> heldOut, MrlConsole console, CancellationToken cancellation)
    {
        Option<string?> report = new(
            "--report") { Description = "The file to write a report to: .html, .json, .csv or .md.", HelpName = "file" };
        return Create("evaluate", "Measures a model at every dimension.", report, null, heldOut, console, cancellation);
    }

    /// <summary>Makes the command <c>recommend</c>.</summary>
    /// <param name="heldOut">Finds the rows that the training of a model held out.</param>
    /// <param name="console">The console.</param>
    /// <param name="cancellation">Ends the command.</param>
    public static System.CommandLine.Command CreateRecommend(
        Func<ModelFile, MeasuredRows> heldOut, MrlConsole console, CancellationToken cancellation)
    {
        Option<double> keep = new("--keep")
        {
            Description = "The share of the full embedding's quality that must be kept.",
            HelpName = "share",
            CustomParser = OptionValues.Share("--keep"),
            DefaultValueFactory = _ => TaskEvaluation.DefaultShareToKeep,
        };
        return Create("recommend", "Recommends the length to cut a model's embeddings to, and says how certain that is.", report: null,
            keep, heldOut, console, cancellation);
    }

    private static System.CommandLine.Command Create(
        string name, string description, Option<string?>? report, Option<double>? keep, Func<ModelFile, MeasuredRows> heldOut,
        MrlConsole console, CancellationToken cancellation)
    {
        Argument<string> model = SharedOptions.Model();
        Option<string?> dataset = new("--dataset", "-d")
        {
            Description =
                "The file of rows to measure with, which the model was not trained on: .csv, .tsv, .txt or .parquet, with a label, "
                + "a positive, or a positive and a score. If left out, the rows that mrl train held out for a model that it saved.",
            HelpName = "file",
        };
        Option<string?> reference = new("--reference-dataset")
        {
            Description =
                "The file of rows to classify by, such as those that the model was trained on. If left out, "
                + "each row is classified by all others.",
            HelpName = "file",
        };
        Option<MatryoshkaDimensions?> dimensions = SharedOptions.DimensionList(
            "The dimensions to measure at, such as 8,16,32. The default is the trained dimensions, or 8, 16, 32, … for an "
            + "encoder without any.");
        Option<NamedPooling?> pooling = SharedOptions.Pooling();
        var columns = new DataOptions();
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command(name, description) { model, dataset, reference, dimensions, pooling };
        foreach (Option option in new Option?[] { report, keep }.OfType<Option>())
        {
            command.Options.Add(option);
        }
        columns.AddTo(command);
        command.Options.Add(verbosity);
        command.SetAction(result =>
        {
            var request = new EvaluateRequest
            {
                Model = result.GetRequiredValue(model),
                Dataset = result.GetValue(dataset),
                Reference = result.GetValue(reference),
                Dimensions = result.GetValue(dimensions),
                Pooling = result.GetValue(pooling),
                Report = report is null ? null : result.GetValue(report),
                Keep = keep is null ? null : result.GetValue(keep),
                Columns = columns.Names(result),
                Format = columns.Format(result),
                Verbosity = result.GetValue(verbosity) ?? Verbosity.Normal,
            };
            return Failures.Handled(console, request.Verbosity, () => new EvaluateJob(request, heldOut, console, cancellation).Run());
        });
        return command;
    }
}

/// <summary>Represents the request of an <c>mrl evaluate</c> or <c>mrl recommend</c> command line.</summary>
internal sealed record EvaluateRequest
{
    public required string Model { get; init; }

    /// <summary>Gets the file of the rows, or <see langword="null"/> for those that the training held out.</summary>
    public string? Dataset { get; init; }

    /// <summary>Gets the file of rows to classify by, or <see langword="null"/> to classify each row by all others.</summary>
    public string? Reference { get; init; }

    /// <summary>Gets the dimensions, or <see langword="null"/> for those that were trained.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>Gets how the tokens of an .onnx file become one vector, or <see langword="null"/> for what its folder says.</summary>
    public NamedPooling? Pooling { get; init; }

    /// <summary>Gets the file of the report, or <see langword="null"/> for none.</summary>
    public string? Report { get; init; }

    /// <summary>Gets the share of the full width's quality to keep, or <see langword="null"/> where no recommendation is wanted.</summary>
    public double? Keep { get; init; }

    public RoleNames Columns { get; init; } = new();

    public TextFormat Format { get; init; } = new();

    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}
