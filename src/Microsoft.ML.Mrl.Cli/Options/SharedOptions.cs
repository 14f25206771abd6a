using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Options;

/// <summary>Options that several verbs have; each verb has its own instances.</summary>
internal static class SharedOptions
{
    /// <summary>How much is told.</summary>
    public static Option<Verbosity?> Verbosity() => new("--verbosity", "-v")
    {
        Description = "q: the result alone; n (default): progress and summary too; d: ML.NET's log and stack traces too.",
        HelpName = "q|n|d",
        CustomParser = result => OptionValues.Word<Verbosity>("--verbosity")(result),
    };

    /// <summary>The model's file.</summary>
    public static Argument<string> Model() => new("model")
    {
        Description = "The model: a .zip that mrl train or ML.NET saved.",
        HelpName = "MODEL.zip",
    };

    /// <summary>The data, which must be named.</summary>
    public static Option<string> Dataset(string description) => new("--dataset", "-d") { Description = description, HelpName = "file", Required = true };

    /// <summary>Dimensions, a list.</summary>
    public static Option<MatryoshkaDimensions?> DimensionList(string description) => new("--dimensions")
    {
        Description = description,
        HelpName = "list",
        CustomParser = OptionValues.Dimensions("--dimensions"),
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>One dimension.</summary>
    public static Option<int?> Dimensions(string description) => new("--dimensions")
    {
        Description = description,
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--dimensions", 1)(result),
    };
}
