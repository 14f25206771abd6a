using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Export;

/// <summary>The verb <c>export</c>.</summary>
internal static class ExportCommand
{
    /// <summary>Makes the command.</summary>
    public static System.CommandLine.Command Create(MrlConsole console)
    {
        Argument<string> model = SharedOptions.Model();
        Option<string> output = new("--output", "-o") { Description = "The .onnx file to write; for a model that is a text encoder, the folder.", HelpName = "file", Required = true };
        Option<int?> dimensions = SharedOptions.Dimensions("The length to cut to inside the ONNX model; a text encoder's folder names it too (truncate_dim). Left out: the full width.");
        Option<string?> encoder = new("--append-to")
        {
            Description = "An encoder's .onnx, whose vectors the head was trained on: writes both as one model. It must give one vector a row.",
            HelpName = "encoder.onnx",
        };
        Option<TokenPooling?> pooling = new("--pooling")
        {
            Description = "How an encoder's token vectors become one: n: none (default); m: mean; f: the first token.",
            HelpName = "n|m|f",
            CustomParser = result => OptionValues.Word<TokenPooling>("--pooling")(result),
        };
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command("export", "Writes a model's trained head, with cut and unit length, as an ONNX model, or its text encoder as a folder of sentence-transformers.") { model, output, dimensions, encoder, pooling, verbosity };
        command.SetAction(result =>
        {
            Verbosity told = result.GetValue(verbosity) ?? Verbosity.Normal;
            return Failures.Handled(console, told, () => new ExportJob(
                result.GetRequiredValue(model), result.GetRequiredValue(output), result.GetValue(dimensions), result.GetValue(encoder), result.GetValue(pooling), told, console).Run());
        });
        return command;
    }
}
