using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Converts the words of <see cref="NamedPooling"/> to options.</summary>
internal static class NamedPoolings
{
    /// <summary>Returns the options of an ONNX encoder with a pooling, or <see langword="null"/> for what its folder says.</summary>
    public static OnnxEncoderOptions? Options(this NamedPooling? pooling) => pooling is { } named
        ? new() { Pooling = named.Value() } : null;

    /// <summary>Returns the value that a word stands for.</summary>
    public static TokenPooling Value(this NamedPooling pooling) => pooling switch
    {
        NamedPooling.First => TokenPooling.FirstToken,
        NamedPooling.Last => TokenPooling.LastToken,
        NamedPooling.Max => TokenPooling.Max,
        _ => TokenPooling.Mean,
    };

    /// <summary>Checks that a pooling is named only for an ONNX file.</summary>
    /// <exception cref="CommandException">A pooling is named for something else.</exception>
    public static void Check(this NamedPooling? pooling, EncoderSource? source)
    {
        if (pooling is { } named && source is not { IsOnnxFile: true })
        {
            throw new CommandException(
                $"Cannot use --pooling {named.ToString().ToLowerInvariant()}{(source is null ? "" : $" with {source.Name}")}: only an "
                + ".onnx file may need a pooling. All other encoders define their own. Leave the option out.", ExitCode.Usage);
        }
    }
}
