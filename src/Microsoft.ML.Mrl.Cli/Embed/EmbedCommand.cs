using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Defines the commands <c>embed</c> and <c>merge</c>.</summary>
internal static class EmbedCommand
{
    /// <summary>Makes the command <c>embed</c>.</summary>
    public static System.CommandLine.Command Create(MrlConsole console, CancellationToken cancellation)
    {
        Argument<string> model = SharedOptions.Model();
        Option<string> dataset = SharedOptions.Dataset("The file to embed: .csv, .tsv, .txt, .npy or .parquet. It is read row by row.");
        Option<int?> dimensions = SharedOptions.Dimensions(
            "The number of values to keep of each embedding, which is then rescaled to unit length. If left out, "
            + "all values are kept as they are.");
        Option<string> output = Output("The file to write: .csv, .tsv, .npy or .parquet. It has one row for each row of the data set.");
        Option<string?> kept = new("--keep-cols")
        {
            Description = "The columns to copy to the output (.csv, .tsv or .parquet): a,b,c or first..last.",
            HelpName = "columns",
        };
        Option<(int Index, int Count)?> shard = new("--shard")
        {
            Description =
                "Embeds only part I of N of the rows and writes a part file beside the output. An existing part file is kept. "
                + "mrl merge joins the part files.",
            HelpName = "I/N",
            CustomParser = OptionValues.Shard("--shard"),
        };
        Option<NamedPooling?> pooling = SharedOptions.Pooling();
        Option<string?> prompt = new("--prompt")
        {
            Description = "The name of the encoder's prompt to put before every text, such as query (arctic-xs). If left out, the "
                + "model's own, mostly none.",
            HelpName = "name",
        };
        var columns = new DataOptions();
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command(
            "embed", "Embeds the rows of a file with a model.") { model, dataset, dimensions, output, kept, shard, pooling, prompt };
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
                Pooling = result.GetValue(pooling),
                Prompt = result.GetValue(prompt),
                Columns = columns.Names(result),
                Format = columns.Format(result),
                Kept = result.GetValue(kept),
                Shard = result.GetValue(shard),
                Verbosity = result.GetValue(verbosity) ?? Verbosity.Normal,
            };
            return Failures.Handled(console, request.Verbosity, () => new EmbedJob(request, console, cancellation).Run());
        });
        return command;
    }

    /// <summary>Makes the command <c>merge</c>.</summary>
    public static System.CommandLine.Command CreateMerge(MrlConsole console, CancellationToken cancellation)
    {
        Option<string> output = Output("The file to write: the --output of mrl embed --shard.");
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command(
            "merge", "Joins the part files of mrl embed --shard in the order of the rows.") { output, verbosity };
        command.SetAction(result =>
        {
            Verbosity told = result.GetValue(verbosity) ?? Verbosity.Normal;
            return Failures.Handled(console, told, () => new MergeJob(result.GetRequiredValue(output), told, console, cancellation).Run());
        });
        return command;
    }

    private static Option<string> Output(string description) =>
        new("--output", "-o") { Description = description, HelpName = "file", Required = true };
}

/// <summary>Represents the request of an <c>mrl embed</c> command line.</summary>
internal sealed record EmbedRequest
{
    public required string Model { get; init; }

    public required string Dataset { get; init; }

    public required string Output { get; init; }

    /// <summary>Gets the number of values to keep, or <see langword="null"/> to keep all.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Gets how the tokens of an .onnx file become one vector, or <see langword="null"/> for what its folder says.</summary>
    public NamedPooling? Pooling { get; init; }

    /// <summary>Gets the name of the prompt to put before every text, or <see langword="null"/> for the model's own.</summary>
    public string? Prompt { get; init; }

    public RoleNames Columns { get; init; } = new();

    public TextFormat Format { get; init; } = new();

    /// <summary>Gets the columns to copy to the output, or <see langword="null"/> for none.</summary>
    public string? Kept { get; init; }

    /// <summary>Gets the part of the rows to embed, from 1, and the number of parts, or <see langword="null"/> for all rows.</summary>
    public (int Index, int Count)? Shard { get; init; }

    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}
