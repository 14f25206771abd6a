using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Options;

/// <summary>Makes the options that several commands have. Each command has its own instances.</summary>
internal static class SharedOptions
{
    private const string PoolingOfFile =
        "How the token vectors of a text become one vector, for an .onnx file whose folder does not say: mean, first, last or max. "
        + "If left out, the pooling that the folder names, or else mean.";

    /// <summary>Makes the option that says how much the command writes.</summary>
    public static Option<Verbosity?> Verbosity() => new("--verbosity", "-v")
    {
        Description = "How much to write: q: only the result; n (default): progress and a summary as well; "
            + "d: also ML.NET's log and the stack traces of errors.",
        HelpName = "q|n|d",
        CustomParser = result => OptionValues.Word<Verbosity>("--verbosity")(result),
    };

    /// <summary>Makes the argument that names the file of the model.</summary>
    public static Argument<string> Model() => new("model")
    {
        Description = "The model: a .zip that mrl train or ML.NET saved, or a bare encoder: minilm, arctic-xs, a folder of "
            + "sentence-transformers, model2vec or Hugging Face, or an .onnx file with its tokenizer beside it.",
        HelpName = "MODEL",
    };

    /// <summary>Makes the option that names the file of the data, which is required.</summary>
    public static Option<string> Dataset(string description) =>
        new("--dataset", "-d") { Description = description, HelpName = "file", Required = true };

    /// <summary>Makes the option that says how the tokens of an ONNX model become one vector.</summary>
    public static Option<NamedPooling?> Pooling(string description = PoolingOfFile) => new("--pooling")
    {
        Description = description,
        HelpName = "mean|first|last|max",
        CustomParser = result => OptionValues.Word<NamedPooling>("--pooling")(result),
    };

    /// <summary>Makes the option that lists dimensions.</summary>
    public static Option<MatryoshkaDimensions?> DimensionList(string description) => new("--dimensions")
    {
        Description = description,
        HelpName = "list",
        CustomParser = OptionValues.Dimensions("--dimensions"),
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Makes the option that names one dimension.</summary>
    public static Option<int?> Dimensions(string description) => new("--dimensions")
    {
        Description = description,
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--dimensions", 1)(result),
    };
}

/// <summary>Specifies how the tokens of a text become one vector, in the words of the command line.</summary>
internal enum NamedPooling
{
    Mean,
    First,
    Last,
    Max,
}
