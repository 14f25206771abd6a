using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Represents the request of an <c>mrl train</c> command line.</summary>
internal sealed record TrainRequest
{
    /// <summary>Gets the file to train on, or <see langword="null"/> for the shipped data set.</summary>
    public string? Dataset { get; init; }

    /// <summary>Gets the file to choose the best epoch by, or <see langword="null"/> for a part of the rows to train on.</summary>
    public string? ValidationDataset { get; init; }

    /// <summary>Gets the file to test with, or <see langword="null"/> for a part of the data set.</summary>
    public string? TestDataset { get; init; }

    /// <summary>Gets the columns that were named.</summary>
    public RoleNames Columns { get; init; } = new();

    /// <summary>Gets the task that the columns must make, or <see langword="null"/> for any.</summary>
    public TaskKind? Task { get; init; }

    /// <summary>Gets how the data set is written, if it is a text file.</summary>
    public TextFormat Format { get; init; } = new();

    /// <summary>Gets how the file to choose the best epoch by is written, or <see langword="null"/> if as the data set.</summary>
    public TextFormat? ValidationFormat { get; init; }

    /// <summary>Gets how the file to test with is written, or <see langword="null"/> if as the data set.</summary>
    public TextFormat? TestFormat { get; init; }

    /// <summary>
    /// Gets the text encoder, or <see langword="null"/> for none, which is right for vectors and for counts of words, or for the default
    /// one.
    /// </summary>
    public StartingEncoder? Encoder { get; init; }

    /// <summary>Gets the part to train, or <see langword="null"/> for a head, or for the encoder itself if it is new.</summary>
    public TunedPart? Tune { get; init; }

    /// <summary>Gets a value indicating whether texts become counts of words and letters instead of an encoder's vectors.</summary>
    public bool TextFeatures { get; init; }

    /// <summary>Gets the part to train.</summary>
    public TunedPart Tunes => Tune ?? (Encoder is { IsNew: true } ? TunedPart.Encoder : TunedPart.Head);

    /// <summary>Gets the nested prefix lengths, or <see langword="null"/> for the output width and its halves.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>Gets the limit of the time for reading and training, or <see langword="null"/> for no limit.</summary>
    public TimeSpan? TrainTime { get; init; }

    /// <summary>Gets the maximum number of passes over the data, or <see langword="null"/> for the default of the trainer.</summary>
    public int? Epochs { get; init; }

    /// <summary>Gets the highest learning rate, or <see langword="null"/> for the rates that the trainer tries.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Gets the number of rows of a step, or <see langword="null"/> for the default of the trainer.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Gets the kind of head, or <see langword="null"/> for the kinds that the trainer tries.</summary>
    public HeadKind? Head { get; init; }

    /// <summary>Gets the seed of the split and of the training.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Gets the name of the project, or <see langword="null"/> for one made of the file name of the data set.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the folder in which the folder of the project is made.</summary>
    public string Output { get; init; } = ".";

    /// <summary>Gets how much the command writes.</summary>
    public Verbosity Verbosity { get; init; } = Verbosity.Normal;

    /// <summary>Makes sure that the options fit each other.</summary>
    /// <exception cref="CommandException">Two options exclude each other.</exception>
    public void Check()
    {
        string? problem = TextFeatures && Encoder is not null
                ? $"--text-features with --encoder {Encoder.Name}: texts become either counts of words or an encoder's vectors. Leave " +
                "one out."
            : TextFeatures && Tune == TunedPart.Encoder
                ? "--text-features with --tune encoder: counts of words have no encoder. Leave one out."
            : Encoder is { IsNew: true } && Tune == TunedPart.Head
                ? "--tune head with --encoder static: a new encoder has learned nothing that a head could build on. Leave --tune out, "
                    + "or name a trained encoder."
            : Head is { } head && Tunes == TunedPart.Encoder
                ? $"--head {head.ToString().ToLowerInvariant()} where the encoder itself learns: it has no head. Leave --head out, "
                    + "or give --tune head."
            : null;
        if (problem is not null)
        {
            throw new CommandException($"Cannot use {problem}", ExitCode.Usage);
        }
    }
}

/// <summary>Specifies the part that is trained.</summary>
internal enum TunedPart
{
    /// <summary>A head on vectors that stay as they are.</summary>
    Head,

    /// <summary>The text encoder itself.</summary>
    Encoder,
}

/// <summary>Represents the result of a training.</summary>
/// <param name="Model">The trained model.</param>
/// <param name="Comparison">The quality at each dimension, or <see langword="null"/> if nothing could be measured.</param>
/// <param name="TrainingTime">The time that training took, without reading and measuring.</param>
/// <param name="Warnings">The warnings of ML.NET's log.</param>
internal sealed record TrainResult(TrainedModel Model, Comparison? Comparison, TimeSpan TrainingTime, IReadOnlyList<string> Warnings)
{
    /// <summary>Gets the dimension to use: the recommended one or, where there is none, the full width.</summary>
    public int Dimensions => Comparison?.Advice?.Dimensions ?? Model.Dimensions;
}
