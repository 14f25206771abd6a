using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>The verb <c>embed</c>.</summary>
internal static class EmbedCommand
{
    /// <summary>Makes the command.</summary>
    public static System.CommandLine.Command Create(MrlConsole console, CancellationToken cancellation)
    {
        Argument<string> model = SharedOptions.Model();
        Option<string> dataset = SharedOptions.Dataset("The file to embed: .csv, .tsv, .txt, .npy or .parquet. It is read row by row.");
        Option<int?> dimensions = SharedOptions.Dimensions("How many values to keep of each embedding, rescaled to unit length. Left out: all.");
        Option<string> output = new("--output", "-o") { Description = "The file to write: .csv, .tsv, .npy or .parquet, a row for each row.", HelpName = "file", Required = true };
        Option<string?> kept = new("--keep-cols") { Description = "Columns to carry along into .csv, .tsv or .parquet: a,b,c or first..last.", HelpName = "columns" };
        var columns = new DataOptions();
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command("embed", "Embeds the rows of a file with a model, cut to a length.") { model, dataset, dimensions, output, kept };
        columns.AddInputTo(command);
        command.Options.Add(verbosity);
        command.SetAction(result =>
        {
            var request = new EmbedRequest
            {
                Model = result.GetRequiredValue(model),
                Dataset = result.GetRequiredValue(dataset),
                Output = result.GetRequiredValue(output),
                Dimensions = result.GetValue(dimensions),
                Columns = columns.Names(result),
                HasHeader = columns.HasHeader(result),
                Kept = result.GetValue(kept),
                Verbosity = result.GetValue(verbosity) ?? Verbosity.Normal,
            };
            return Failures.Handled(console, request.Verbosity, () => new EmbedJob(request, console, cancellation).Run());
        });
        return command;
    }
}

/// <summary>What <c>mrl embed</c> was asked to do.</summary>
internal sealed record EmbedRequest
{
    public required string Model { get; init; }

    public required string Dataset { get; init; }

    public required string Output { get; init; }

    /// <summary>How many values to keep; <see langword="null"/> for all.</summary>
    public int? Dimensions { get; init; }

    public RoleNames Columns { get; init; } = new();

    public bool HasHeader { get; init; } = true;

    /// <summary>Columns to carry along; <see langword="null"/> for none.</summary>
    public string? Kept { get; init; }

    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}
