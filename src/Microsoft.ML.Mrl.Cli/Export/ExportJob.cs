using System.Globalization;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl.Cli.Export;

/// <summary>Writes the head of a model as ONNX, alone or behind an encoder, or the text encoder of a model as a folder.</summary>
internal sealed class ExportJob(
    string modelPath,
    string outputPath,
    int? dimensions,
    string? encoderPath,
    NamedPooling? pooling,
    Verbosity verbosity,
    MrlConsole console,
    CancellationToken cancellation)
{
    /// <summary>Runs the job.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The model cannot be exported.</exception>
    public int Run()
    {
        if (pooling is not null && encoderPath is null)
        {
            throw new CommandException(
                "Cannot use --pooling without an encoder, whose token vectors it pools. Name the encoder with --append-to, "
                + "or leave --pooling out.", ExitCode.Usage);
        }
        bool isOnnx = Path.GetExtension(outputPath).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
        OutputFile? output = isOnnx ? OutputFile.Claim(outputPath, "the ONNX model") : null;
        var mlContext = new MLContext();
        ModelFile model = Stoppable.Run(
            () => ModelFile.Load(mlContext, modelPath, LineProgress.Of(console, verbosity), cancellation),
            cancellation);
        if (model.Model.Encoder is { } found)
        {
            return WriteEncoder(model, found, isOnnx);
        }
        if (output is null)
        {
            throw new CommandException(
                $"Cannot export to '{outputPath}': a trained head is written as an ONNX model. Give a name that ends in .onnx.",
                    ExitCode.Usage);
        }
        int width = dimensions ?? model.Model.Dimensions;
        model.CheckDimensions(width);
        try
        {
            Stoppable.Run(() => Write(mlContext, model.Model, output, width), cancellation);
        }
        catch (Exception e) when (
            e is ArgumentException or InvalidDataException or NotSupportedException or InvalidOperationException or IOException)
        {
            string advice = encoderPath is null || pooling is not null ? ""
                : " Where the encoder gives a vector for each token, say with --pooling how they become one.";
            throw new CommandException($"Cannot export '{modelPath}' to '{outputPath}': {Failures.Sentence(e)}{advice}", inner: e);
        }
        Report(model, output, width);
        return ExitCode.Ok;
    }

    private int WriteEncoder(ModelFile model, TextEncoder found, bool isOnnx)
    {
        if (isOnnx)
        {
            throw new CommandException(
                $"Cannot export '{modelPath}' to '{outputPath}': the model is a text encoder, "
                + $"and only a trained head is written as one file. "
                + "Give --output a folder for the encoder in the form of sentence-transformers, with its ONNX model in it."
                + (model.IsBare ? "" : $" mrl train left the encoder itself in '{SavedEncoder.FolderName}' beside the model."),
                ExitCode.Usage);
        }
        if (encoderPath is not null)
        {
            throw new CommandException(
                $"Cannot use --append-to: '{modelPath}' is a text encoder, which is written whole. Leave --append-to out.", ExitCode.Usage);
        }
        TextEncoder written = Cut(found);
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputPath));
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new CommandException($"Cannot export to '{outputPath}': it is there already. Choose another folder, or empty this one.");
        }
        if (!Directory.Exists(Path.GetDirectoryName(folder)))
        {
            throw new CommandException(
                $"Cannot export to '{outputPath}': there is no folder '{Path.GetDirectoryName(folder)}'. Create it, "
                + $"or choose another --output.");
        }
        SavedEncoder.Write(folder, written.SaveWithOnnx);
        if (verbosity != Verbosity.Quiet)
        {
            string cut = written.Dimensions < written.FullDimensions
                ? string.Create(CultureInfo.InvariantCulture, $", cut to {written.Dimensions:#,0} (truncate_dim)")
                : "";
            console.Output.WriteLine(
                $"Wrote {folder}: {model.Model.Description}{cut}, in the form of sentence-transformers, with its ONNX model in onnx");
            if (model.Warning is { } warning)
            {
                console.Output.WriteLine($"Warning: {warning}");
            }
            if (written is StaticTextEncoder { Buckets: > 0 })
            {
                console.Output.WriteLine(
                    "Words that the encoder does not list are hashed into buckets by ML.NET. Python and the ONNX model pass over them.");
            }
        }
        return ExitCode.Ok;
    }

    private TextEncoder Cut(TextEncoder encoder)
    {
        try
        {
            return dimensions is { } width ? encoder.WithDimensions(width) : encoder;
        }
        catch (ArgumentOutOfRangeException e)
        {
            string trained = encoder.TrainedDimensions is { } known ? $" (trained: {known})" : "";
            throw new CommandException(
                $"Cannot use --dimensions {dimensions}: the embedding of '{modelPath}' has {encoder.FullDimensions} values. "
                + $"Choose 1..{encoder.FullDimensions}{trained}.",
                ExitCode.Usage,
                e);
        }
    }

    /// <returns>Whether an encoder's model was read for it.</returns>
    private bool Write(MLContext mlContext, TrainedModel model, OutputFile output, int width)
    {
        EmbeddingHead head = model.Head!;
        if (encoderPath is null)
        {
            mlContext.Mrl().ExportToOnnx(head, output.FullPath, width);
            return false;
        }
        if (!File.Exists(encoderPath))
        {
            throw new CommandException(
                $"Cannot read encoder '{encoderPath}': there is no such file (looked for {Path.GetFullPath(encoderPath)}). "
                + $"Check --append-to.");
        }
        mlContext.Mrl().AppendToOnnx(
            encoderPath, head, output.FullPath, width, new OnnxAppendOptions
            {
                Pooling = pooling?.Value() ?? TokenPooling.None,
                // The head knows vectors of unit length, which the file of the encoder itself need not give.
                EncoderNormalization = model.InputEncoder is { IsNormalized: true }
                    ? EmbeddingNormalization.UnitLength
                    : EmbeddingNormalization.None,
            });
        return true;
    }

    private void Report(ModelFile model, OutputFile output, int width)
    {
        if (verbosity == Verbosity.Quiet)
        {
            return;
        }
        string source = encoderPath is null
            ? FormattableString.Invariant($"'embedding' [N, {model.Model.Head!.InputDimensions}]")
            : $"the inputs of {encoderPath}";
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Wrote {output.FullPath}: {source} to 'mrl_embedding' [N, {width}], at unit length"));
        if (encoderPath is null && model.TakesText)
        {
            int features = model.Model.Head!.InputDimensions;
            console.Output.WriteLine(model.Model.InputEncoder is null
                ? FormattableString.Invariant(
                    $"The input of the ONNX model is not a text but the {features:#,0} features that ML.NET makes of it.")
                : FormattableString.Invariant($"The input of the ONNX model is not a text but the {features:#,0} values that the encoder ")
                    + "makes of it. --append-to writes an encoder's .onnx file and the head as one model.");
        }
    }
}
