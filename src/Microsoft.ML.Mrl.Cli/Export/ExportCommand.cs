using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Export;

/// <summary>The command <c>export</c>.</summary>
internal static class ExportCommand
{
    /// <summary>Makes the command.</summary>
    public static System.CommandLine.Command Create(MrlConsole console, CancellationToken cancellation)
    {
        Argument<string> model = SharedOptions.Model();
        Option<string> output = new(
            "--output", "-o") { Description = "The .onnx file to write or, for a model that is a text encoder, the folder.",
                HelpName = "file", Required = true };
        Option<int?> dimensions = SharedOptions.Dimensions(
            "The number of values that the exported model keeps; the folder of a text encoder names it too (truncate_dim). If left out, "
            + "the full width.");
        Option<string?> encoder = new("--append-to")
        {
            Description = "The .onnx file of the encoder whose vectors the head was trained on. Both are written as one model. "
                + "The encoder must give one vector for each row.",
            HelpName = "encoder.onnx",
        };
        Option<TokenPooling?> pooling = new("--pooling")
        {
            Description = "How the token vectors of an encoder become one vector: n: they are one already (default); m: by their mean; "
                + "f: by the first token.",
            HelpName = "n|m|f",
            CustomParser = result => OptionValues.Word<TokenPooling>("--pooling")(result),
        };
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command(
            "export",
            "Writes the trained head of a model as an ONNX model that cuts and rescales too, "
            + "or its text encoder as a sentence-transformers folder.") { model, output, dimensions, encoder, pooling, verbosity };
        command.SetAction(result =>
        {
            Verbosity told = result.GetValue(verbosity) ?? Verbosity.Normal;
            return Failures.Handled(console, told, () => new ExportJob(
                
                result.GetRequiredValue(model),
                result.GetRequiredValue(output),
                result.GetValue(dimensions),
                result.GetValue(encoder),
                result.GetValue(pooling),
                told,
                console,
                cancellation).Run());
        });
        return command;
    }
}
