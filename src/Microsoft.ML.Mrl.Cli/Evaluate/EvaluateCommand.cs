using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>The verbs <c>evaluate</c> and <c>recommend</c>, which measure alike.</summary>
internal static class EvaluateCommand
{
    /// <summary>Makes <c>evaluate</c>.</summary>
    public static System.CommandLine.Command Create(MrlConsole console, CancellationToken cancellation)
    {
        Option<string?> report = new("--report") { Description = "A file for the report: .html, .json, .csv or .md.", HelpName = "file" };
        return Create("evaluate", "Measures a model at every dimension.", report, null, console, cancellation);
    }

    /// <summary>Makes <c>recommend</c>.</summary>
    public static System.CommandLine.Command CreateRecommend(MrlConsole console, CancellationToken cancellation)
    {
        Option<double> keep = new("--keep")
        {
            Description = "The share of the full width's quality to keep.",
            HelpName = "share",
            CustomParser = OptionValues.Share("--keep"),
            DefaultValueFactory = _ => TaskEvaluation.DefaultShareToKeep,
        };
        return Create("recommend", "Says how short a model's embeddings may be cut, and how sure that is.", null, keep, console, cancellation);
    }

    private static System.CommandLine.Command Create(string name, string description, Option<string?>? report, Option<double>? keep, MrlConsole console, CancellationToken cancellation)
    {
        Argument<string> model = SharedOptions.Model();
        Option<string> dataset = SharedOptions.Dataset("The file to measure with: .csv, .tsv, .txt or .parquet, with a label, or a positive, or a positive and a score.");
        Option<string?> reference = new("--reference-dataset")
        {
            Description = "The rows to classify by, such as those trained on. Left out: each row is classified by all others.",
            HelpName = "file",
        };
        Option<MatryoshkaDimensions?> dimensions = SharedOptions.DimensionList("The dimensions, such as 8,16,32. Left out: those that were trained.");
        var columns = new DataOptions();
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command(name, description) { model, dataset, reference, dimensions };
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
                Dataset = result.GetRequiredValue(dataset),
                Reference = result.GetValue(reference),
                Dimensions = result.GetValue(dimensions),
                Report = report is null ? null : result.GetValue(report),
                Keep = keep is null ? null : result.GetValue(keep),
                Columns = columns.Names(result),
                HasHeader = columns.HasHeader(result),
                Verbosity = result.GetValue(verbosity) ?? Verbosity.Normal,
            };
            return Failures.Handled(console, request.Verbosity, () => new EvaluateJob(request, console, cancellation).Run());
        });
        return command;
    }
}

/// <summary>What <c>mrl evaluate</c> or <c>mrl recommend</c> was asked to do.</summary>
internal sealed record EvaluateRequest
{
    public required string Model { get; init; }

    public required string Dataset { get; init; }

    /// <summary>The rows to classify by; <see langword="null"/> to leave one out.</summary>
    public string? Reference { get; init; }

    /// <summary>The dimensions; <see langword="null"/> for those that were trained.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>The file of the report; <see langword="null"/> for none.</summary>
    public string? Report { get; init; }

    /// <summary>The share of the full width's quality to keep; <see langword="null"/> where no advice is asked for.</summary>
    public double? Keep { get; init; }

    public RoleNames Columns { get; init; } = new();

    public bool HasHeader { get; init; } = true;

    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}
