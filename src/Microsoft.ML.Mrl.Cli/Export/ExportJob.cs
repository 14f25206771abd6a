using System.Globalization;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Writes a model's head as ONNX, alone or behind an encoder.</summary>
internal sealed class ExportJob(string modelPath, string outputPath, int? dimensions, string? encoderPath, TokenPooling? pooling, Verbosity verbosity, MrlConsole console)
{
    /// <summary>Does all of it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">It cannot be done.</exception>
    public int Run()
    {
        if (!Path.GetExtension(outputPath).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException($"Cannot export to '{outputPath}': the file is an ONNX model. Give a name that ends in .onnx.", ExitCode.Usage);
        }
        if (pooling is not null && encoderPath is null)
        {
            throw new CommandException("--pooling is for an encoder's token vectors. Name the encoder with --append-to, or leave it out.", ExitCode.Usage);
        }
        OutputFile output = OutputFile.Claim(outputPath, "the ONNX model");
        var mlContext = new MLContext();
        ModelFile model = ModelFile.Load(mlContext, modelPath);
        int width = dimensions ?? model.Head.OutputDimensions;
        model.CheckDimensions(width);
        try
        {
            Write(mlContext, model.Head, output, width);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException or NotSupportedException or InvalidOperationException or IOException)
        {
            throw new CommandException($"Cannot export '{modelPath}' to '{outputPath}': {e.Message.Split(" (Parameter")[0]}", inner: e);
        }
        Report(model, output, width);
        return ExitCode.Ok;
    }

    private void Write(MLContext mlContext, EmbeddingHead head, OutputFile output, int width)
    {
        // The library writes beside the place and moves, as OutputFile does.
        if (encoderPath is null)
        {
            mlContext.Mrl().ExportToOnnx(head, output.FullPath, width);
            return;
        }
        if (!File.Exists(encoderPath))
        {
            throw new CommandException($"Cannot read encoder '{encoderPath}': there is no such file (looked for {Path.GetFullPath(encoderPath)}). Check --append-to.");
        }
        mlContext.Mrl().AppendToOnnx(encoderPath, head, output.FullPath, width, new OnnxAppendOptions { Pooling = pooling ?? TokenPooling.None });
    }

    private void Report(ModelFile model, OutputFile output, int width)
    {
        if (verbosity == Verbosity.Quiet)
        {
            return;
        }
        string source = encoderPath is null ? FormattableString.Invariant($"'embedding' [N, {model.Head.InputDimensions}]") : $"the inputs of {encoderPath}";
        console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Wrote {output.FullPath}: {source} to 'mrl_embedding' [N, {width}], at unit length"));
        if (encoderPath is null && model.TakesText)
        {
            console.Output.WriteLine(FormattableString.Invariant($"The ONNX model begins behind the text features: its input are the {model.Head.InputDimensions:#,0} features that ML.NET makes of a text."));
        }
    }
}
