using System.CommandLine;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>The verb <c>train</c>: its options, and what they ask for.</summary>
internal static class TrainCommand
{
    private static readonly Option<string?> _dataset = new("--dataset", "-d")
    {
        Description = "The CSV or TSV file to train on, with a header. Left out: support.tsv, which comes with mrl.",
        HelpName = "file",
    };

    private static readonly Option<string?> _testDataset = new("--test-dataset")
    {
        Description = "The file to test with, with the same columns. Left out: 20 % of the data set, of each label the same share.",
        HelpName = "file",
    };

    private static readonly Option<string?> _textColumn = new("--text-col")
    {
        Description = "The text column: a name, or a position from 0. Left out: guessed from the header.",
        HelpName = "column",
    };

    private static readonly Option<string?> _labelColumn = new("--label-col")
    {
        Description = "The label column: a name, or a position from 0. Left out: guessed from the header.",
        HelpName = "column",
    };

    private static readonly Option<MatryoshkaDimensions?> _dimensions = new("--dimensions")
    {
        Description = "The prefix lengths to train, such as 8,16,32; the largest is the width of the embedding. Left out: the width and its halves.",
        HelpName = "list",
        CustomParser = OptionValues.Dimensions("--dimensions"),
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "The most passes over the training rows; training ends earlier once it no longer helps.",
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--epochs", 1)(result),
    };

    private static readonly Option<int> _seed = new("--seed")
    {
        Description = "The seed of the split and of the training: the same seed gives the same model.",
        HelpName = "number",
        CustomParser = OptionValues.WholeNumber("--seed", 0),
        DefaultValueFactory = _ => new TrainRequest().Seed,
    };

    private static readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The model file to write.",
        HelpName = "file",
        DefaultValueFactory = _ => new TrainRequest().Output,
    };

    private static readonly Option<Verbosity?> _verbosity = new("--verbosity", "-v")
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
            _dataset, _testDataset, _textColumn, _labelColumn, _dimensions, _epochs, _seed, _output, _verbosity,
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
        Dataset = result.GetValue(_dataset),
        TestDataset = result.GetValue(_testDataset),
        TextColumn = result.GetValue(_textColumn),
        LabelColumn = result.GetValue(_labelColumn),
        Dimensions = result.GetValue(_dimensions),
        Epochs = result.GetValue(_epochs),
        Seed = result.GetValue(_seed),
        Output = result.GetRequiredValue(_output),
        Verbosity = result.GetValue(_verbosity) ?? Verbosity.Normal,
    };
}
