using System.CommandLine;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>The verb <c>train</c>: its options, and what they ask for.</summary>
internal static class TrainCommand
{
    private static readonly Option<string?> s_dataset = new("--dataset", "-d")
    {
        Description = "The CSV or TSV file to train on, with a header. Left out: support.tsv, which comes with mrl.",
        HelpName = "file",
    };

    private static readonly Option<string?> s_testDataset = new("--test-dataset")
    {
        Description = "The file to test with, with the same columns. Left out: 20 % of the data set, of each label the same share.",
        HelpName = "file",
    };

    private static readonly Option<string?> s_textColumn = new("--text-col")
    {
        Description = "The text column: a name, or a position from 0. Left out: guessed from the header.",
        HelpName = "column",
    };

    private static readonly Option<string?> s_labelColumn = new("--label-col")
    {
        Description = "The label column: a name, or a position from 0. Left out: guessed from the header.",
        HelpName = "column",
    };

    private static readonly Option<MatryoshkaDimensions?> s_dimensions = new("--dimensions")
    {
        Description = "The prefix lengths to train, such as 8,16,32; the largest is the width of the embedding. Left out: the width and its halves.",
        HelpName = "list",
        CustomParser = OptionValues.Dimensions("--dimensions"),
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int?> s_epochs = new("--epochs")
    {
        Description = "The most passes over the training rows; training ends earlier once it no longer helps.",
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--epochs", 1)(result),
    };

    private static readonly Option<int> s_seed = new("--seed")
    {
        Description = "The seed of the split and of the training: the same seed gives the same model.",
        HelpName = "number",
        CustomParser = OptionValues.WholeNumber("--seed", 0),
        DefaultValueFactory = _ => new TrainRequest().Seed,
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "The model file to write.",
        HelpName = "file",
        DefaultValueFactory = _ => new TrainRequest().Output,
    };

    private static readonly Option<Verbosity?> s_verbosity = new("--verbosity", "-v")
    {
        Description = "q: the result alone; n (default): progress and summary too; d: ML.NET's log and stack traces too.",
        HelpName = "q|n|d",
        CustomParser = result => OptionValues.Word<Verbosity>("--verbosity")(result),
    };

    /// <summary>Makes the command.</summary>
    public static System.CommandLine.Command Create(MrlConsole console, CancellationToken cancellation)
    {
        var command = new System.CommandLine.Command("train", "Trains an embedding of texts that can be cut short, and shows what each length is worth.")
        {
            s_dataset, s_testDataset, s_textColumn, s_labelColumn, s_dimensions, s_epochs, s_seed, s_output, s_verbosity,
        };
        command.SetAction(result =>
        {
            TrainRequest request = Request(result);
            return Failures.Handled(console, request.Verbosity, () => new TrainJob(request, console, cancellation).Run());
        });
        return command;
    }

    private static TrainRequest Request(ParseResult result) => new()
    {
        Dataset = result.GetValue(s_dataset),
        TestDataset = result.GetValue(s_testDataset),
        TextColumn = result.GetValue(s_textColumn),
        LabelColumn = result.GetValue(s_labelColumn),
        Dimensions = result.GetValue(s_dimensions),
        Epochs = result.GetValue(s_epochs),
        Seed = result.GetValue(s_seed),
        Output = result.GetRequiredValue(s_output),
        Verbosity = result.GetValue(s_verbosity) ?? Verbosity.Normal,
    };
}
