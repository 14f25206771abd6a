using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Export;

/// <summary>Defines the command <c>export</c>.</summary>
internal static class ExportCommand
{
    /// <summary>Makes the command.</summary>
    public static System.CommandLine.Command Create(MrlConsole console, CancellationToken cancellation)
    {
        Argument<string> model = SharedOptions.Model();
        Option<string> output = new("--output", "-o")
        {
            Description = "The .onnx file to write, or the folder if the model is a text encoder.",
            HelpName = "file",
            Required = true,
        };
        Option<int?> dimensions = SharedOptions.Dimensions(
            "The number of values that the exported model keeps. The folder of a text encoder names it as truncate_dim. If left out, "
            + "the full width.");
        Option<string?> encoder = new("--append-to")
        {
            Description = "The .onnx file of the encoder whose vectors the head was trained on. Both are written as one model. "
                + "The encoder must return one vector for each row, or token vectors, see --pooling.",
            HelpName = "encoder.onnx",
        };
        Option<NamedPooling?> pooling = SharedOptions.Pooling(
            "How the token vectors of the encoder become one vector: mean, first, last or max. Needs --append-to. If left out, the "
            + "encoder returns one vector for each row.");
        Option<Verbosity?> verbosity = SharedOptions.Verbosity();
        var command = new System.CommandLine.Command(
            "export",
            "Exports the trained head of a model as an ONNX model, including the cut and the rescaling, "
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
