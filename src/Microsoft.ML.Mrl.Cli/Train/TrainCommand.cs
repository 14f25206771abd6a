using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>The verb <c>train</c>: its options, and what they ask for.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string?> _dataset = new("--dataset", "-d")
    {
        Description = "The file to train on: .csv, .tsv, .txt, .npy or .parquet. Left out: support.tsv, which comes with mrl.",
        HelpName = "file",
    };

    private readonly Option<string?> _validationDataset = new("--validation-dataset")
    {
        Description = "The file to choose the best epoch by, with the same columns. Left out: a tenth of the rows to train on.",
        HelpName = "file",
    };

    private readonly Option<string?> _testDataset = new("--test-dataset")
    {
        Description = "The file to test with, with the same columns. Left out: 20 % of the data set, of each label the same share.",
        HelpName = "file",
    };

    private readonly DataOptions _columns = new();

    private readonly Option<string?> _encoder = new("--encoder")
    {
        Description = "Fine-tunes a text encoder itself: a folder of sentence-transformers, model2vec or Hugging Face, a file of word vectors, or static for a new one of the training texts. Left out: trains a head.",
        HelpName = "folder|file|static",
    };

    private readonly Option<MatryoshkaDimensions?> _dimensions = SharedOptions.DimensionList(
        "The prefix lengths to train, such as 8,16,32; the largest is the width of the embedding. Left out: the width and its halves.");

    private readonly Option<int?> _trainTime = new("--train-time")
    {
        Description = "The most seconds to train; what is best by then is kept. Left out: no limit.",
        HelpName = "seconds",
        CustomParser = result => OptionValues.WholeNumber("--train-time", 1)(result),
    };

    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "The most passes over the training rows; training ends earlier once it no longer helps.",
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--epochs", 1)(result),
    };

    private readonly Option<int?> _seed = new("--seed")
    {
        Description = "The seed of the split and of the training: the same seed gives the same model. Left out: 1.",
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--seed", 0)(result),
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "The name of what is made. Left out: made of the data set's file name, such as SupportMrl.",
        HelpName = "name",
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The folder in which a folder of that name is made, with the model, code that uses it, and a report.",
        HelpName = "folder",
        DefaultValueFactory = _ => new TrainRequest().Output,
    };

    private readonly Option<string?> _trainingConfig = new("--training-config")
    {
        Description = "An .mbconfig of an earlier training, to be repeated; options given beside it win.",
        HelpName = "file",
    };

    private readonly Option<Verbosity?> _verbosity = SharedOptions.Verbosity();

    private TrainCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static System.CommandLine.Command Create(MrlConsole console, CancellationToken cancellation)
    {
        var self = new TrainCommand();
        var command = new System.CommandLine.Command("train", "Trains embeddings that can be cut short, shows what each length is worth, and writes a project that uses them.")
        {
            self._dataset, self._validationDataset, self._testDataset,
        };
        self._columns.AddTo(command);
        foreach (Option option in new Option[] { self._encoder, self._dimensions, self._trainTime, self._epochs, self._seed, self._name, self._output, self._trainingConfig, self._verbosity })
        {
            command.Options.Add(option);
        }
        command.SetAction(result =>
        {
            Verbosity verbosity = result.GetValue(self._verbosity) ?? Verbosity.Normal;
            return Failures.Handled(console, verbosity, () => new TrainJob(self.Request(result, verbosity), console, cancellation).Run());
        });
        return command;
    }

    private TrainRequest Request(ParseResult result, Verbosity verbosity)
    {
        TrainRequest earlier = result.GetValue(_trainingConfig) is { } config ? TrainingConfig.Read(config).ToRequest(config) : new TrainRequest();
        RoleNames asked = _columns.Names(result);
        bool namesColumns = asked with { Ignored = null } != new RoleNames();
        return earlier with
        {
            Dataset = result.GetValue(_dataset) ?? earlier.Dataset,
            ValidationDataset = result.GetValue(_validationDataset) ?? earlier.ValidationDataset,
            TestDataset = result.GetValue(_testDataset) ?? earlier.TestDataset,
            Columns = namesColumns ? asked : earlier.Columns with { Ignored = asked.Ignored },
            HasHeader = _columns.SaysHasHeader(result) ? _columns.HasHeader(result) : earlier.HasHeader,
            Encoder = result.GetValue(_encoder) is { } encoder ? new StartingEncoder(encoder) : earlier.Encoder,
            Dimensions = result.GetValue(_dimensions) ?? earlier.Dimensions,
            TrainTime = result.GetValue(_trainTime) is { } seconds ? TimeSpan.FromSeconds(seconds) : earlier.TrainTime,
            Epochs = result.GetValue(_epochs) ?? earlier.Epochs,
            Seed = result.GetValue(_seed) ?? earlier.Seed,
            Name = result.GetValue(_name) ?? earlier.Name,
            Output = result.GetRequiredValue(_output),
            Verbosity = verbosity,
        };
    }
}
