using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>Represents the command <c>train</c>: its options and the request that they make.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string?> _dataset = new("--dataset", "-d")
    {
        Description = "The file to train on: .csv, .tsv, .txt, .npy or .parquet. The default is support.tsv, which comes with mrl.",
        HelpName = "file",
    };

    private readonly Option<string?> _validationDataset = new("--validation-dataset")
    {
        Description =
            "The file of validation rows, by which the best epoch is chosen, with the same columns. The default is a tenth of the "
            + "training rows.",
        HelpName = "file",
    };

    private readonly Option<string?> _testDataset = new("--test-dataset")
    {
        Description = "The file of test rows, with the same columns. The default is 20 % of the data set, the same share of each label.",
        HelpName = "file",
    };

    private readonly DataOptions _columns = new();

    private readonly Option<string?> _encoder = new("--encoder")
    {
        Description =
            "The text encoder: minilm (all-MiniLM-L6-v2, which comes with mrl), arctic-xs (snowflake-arctic-embed-xs, downloaded once), "
            + "a folder of sentence-transformers, model2vec or Hugging Face, an .onnx file with its tokenizer beside it, a file of word "
            + "vectors, or static for a new one made from the training texts. The default for texts is minilm. Vectors need none.",
        HelpName = "name|folder|file|static",
    };

    private readonly Option<NamedPooling?> _pooling = SharedOptions.Pooling();

    private readonly Option<TunedPart?> _tune = new("--tune")
    {
        Description = "What to train: h (head, the default): a head on the vectors of the encoder; e (encoder): the encoder itself, "
            + "which takes far longer. A new encoder (static) is always trained itself.",
        HelpName = "head|encoder",
        CustomParser = result => OptionValues.Word<TunedPart>("--tune")(result),
    };

    // As --has-header, but it stands alone.
    private readonly Option<bool> _textFeatures = new("--text-features")
    {
        Description = "Turns texts into counts of words and letters instead of an encoder's vectors.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<HeadKind?> _head = new("--head")
    {
        Description = "The kind of head: l (linear), o (orthogonal) or r (residual). If left out, several are tried if that can help.",
        HelpName = "l|o|r",
        CustomParser = result => OptionValues.Word<HeadKind>("--head")(result),
    };

    private readonly Option<double?> _learningRate = new("--learning-rate")
    {
        Description = "The highest learning rate. If left out, several are tried for a head, and the best on held-out rows is kept.",
        HelpName = "number",
        CustomParser = result => OptionValues.PositiveNumber("--learning-rate")(result),
    };

    private readonly Option<int?> _batchSize = new("--batch-size")
    {
        Description = "The number of rows of a training step. The default is 256, or 64 if a transformer is trained.",
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--batch-size", 2)(result),
    };

    private readonly Option<MatryoshkaDimensions?> _dimensions = SharedOptions.DimensionList(
        "The prefix lengths to train, such as 8,16,32. The largest is the width of the embedding. The default is 8, 16, 32, … up to the "
        + "width for texts, and the width and its halves for vectors.");

    private readonly Option<int?> _trainTime = new("--train-time")
    {
        Description =
            "The time for reading, embedding and training in seconds, after which the best result so far is kept. "
            + "A tenth of it is always left for the training itself, however long the rest took. Measuring and writing the project " +
                "come on top. If left out, there is no limit.",
        HelpName = "seconds",
        CustomParser = result => OptionValues.WholeNumber("--train-time", 1)(result),
    };

    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "The maximum number of passes over the training rows. Training ends earlier when it no longer helps.",
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--epochs", 1)(result),
    };

    private readonly Option<int?> _seed = new("--seed")
    {
        Description = "The seed of the split and of the training. The same seed gives the same model. The default is 1.",
        HelpName = "number",
        CustomParser = result => OptionValues.WholeNumber("--seed", 0)(result),
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "The name of the project. By default it is made from the file name of the data set, such as SupportMrl.",
        HelpName = "name",
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The folder in which the folder of the project is created, with the model, code that uses it, and a report.",
        HelpName = "folder",
        DefaultValueFactory = _ => new TrainRequest().Output,
    };

    private readonly Option<string?> _trainingConfig = new("--training-config")
    {
        Description = "The .mbconfig of an earlier training to repeat. Options on the command line replace those in it.",
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
        var command = new System.CommandLine.Command(
            "train", "Trains embeddings that can be cut short, shows the quality of each length, and writes a project that uses them.")
        {
            self._dataset, self._validationDataset, self._testDataset,
        };
        self._columns.AddTo(command);
        Option[] others =
        [
            self._encoder, self._pooling, self._tune, self._textFeatures, self._dimensions, self._trainTime, self._epochs,
                self._learningRate,
            self._batchSize, self._head, self._seed, self._name, self._output, self._trainingConfig, self._verbosity,
        ];
        foreach (Option option in others)
        {
            command.Options.Add(option);
        }
        command.SetAction(result =>
        {
            Verbosity verbosity = result.GetValue(self._verbosity) ?? Verbosity.Normal;
            return Failures.Handled(console, verbosity, () => new TrainJob(
                Stoppable.Run(() => self.Request(result, verbosity), cancellation), console, cancellation).Run());
        });
        return command;
    }

    private TrainRequest Request(ParseResult result, Verbosity verbosity)
    {
        TrainRequest earlier = result.GetValue(_trainingConfig) is { } config
            ? TrainingConfig.Read(config).ToRequest(config)
            : new TrainRequest();
        StartingEncoder? encoder = result.GetValue(_encoder) is { } named ? new StartingEncoder(named)
            : result.GetValue(_textFeatures) ? null
            : earlier.Encoder;
        NamedPooling? pooling = result.GetValue(_pooling);
        if (encoder is null)
        {
            pooling.Check(null);
        }
        RoleNames asked = _columns.Names(result);
        bool namesColumns = asked with { Ignored = null } != new RoleNames();
        TextFormat format = result.GetValue(_dataset) is { } dataset && !RowReader.TakesFormat(dataset) ? new() : earlier.Format;
        return earlier with
        {
            Dataset = result.GetValue(_dataset) ?? earlier.Dataset,
            ValidationDataset = result.GetValue(_validationDataset) ?? earlier.ValidationDataset,
            TestDataset = result.GetValue(_testDataset) ?? earlier.TestDataset,
            Columns = namesColumns ? asked : earlier.Columns with { Ignored = asked.Ignored },
            Task = namesColumns ? null : earlier.Task,
            Format = _columns.Format(result, format),
            ValidationFormat = earlier.ValidationFormat is { } validation ? _columns.Format(result, validation) : null,
            TestFormat = earlier.TestFormat is { } test ? _columns.Format(result, test) : null,
            Encoder = encoder is null || pooling is null ? encoder : encoder with { Pooling = pooling },
            Tune = result.GetValue(_tune) ?? earlier.Tune,
            TextFeatures = result.GetValue(_textFeatures) || (earlier.TextFeatures && result.GetValue(_encoder) is null),
            LearningRate = result.GetValue(_learningRate) ?? earlier.LearningRate,
            BatchSize = result.GetValue(_batchSize) ?? earlier.BatchSize,
            Head = result.GetValue(_head) ?? earlier.Head,
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
