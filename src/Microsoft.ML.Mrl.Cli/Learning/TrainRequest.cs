using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>The request of an <c>mrl train</c> command line.</summary>
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

    /// <summary>Gets how the data set is written, if it is a text file.</summary>
    public TextFormat Format { get; init; } = new();

    /// <summary>Gets how the file to choose the best epoch by is written, or <see langword="null"/> if as the data set.</summary>
    public TextFormat? ValidationFormat { get; init; }

    /// <summary>Gets how the file to test with is written, or <see langword="null"/> if as the data set.</summary>
    public TextFormat? TestFormat { get; init; }

    /// <summary>Gets the text encoder to fine-tune, or <see langword="null"/> to train a head on features or vectors.</summary>
    public StartingEncoder? Encoder { get; init; }

    /// <summary>Gets the nested prefix lengths, or <see langword="null"/> for the output width and its halves.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>Gets the limit of the time for reading and training, or <see langword="null"/> for no limit.</summary>
    public TimeSpan? TrainTime { get; init; }

    /// <summary>Gets the maximum number of passes over the data, or <see langword="null"/> for the default of the trainer.</summary>
    public int? Epochs { get; init; }

    /// <summary>Gets the seed of the split and of the training.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Gets the name of the project, or <see langword="null"/> for one made of the file name of the data set.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the folder in which the folder of the project is made.</summary>
    public string Output { get; init; } = ".";

    /// <summary>Gets how much the command writes.</summary>
    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}

/// <summary>The result of a training.</summary>
/// <param name="Model">The trained model.</param>
/// <param name="Comparison">The quality at each dimension; <see langword="null"/> where nothing could be measured.</param>
/// <param name="TrainingTime">The time that training took, without reading and measuring.</param>
/// <param name="Warnings">The warnings of ML.NET's log.</param>
internal sealed record TrainResult(TrainedModel Model, Comparison? Comparison, TimeSpan TrainingTime, IReadOnlyList<string> Warnings)
{
    /// <summary>Gets the dimension to use: the recommended one or, where there is none, the full width.</summary>
    public int Dimensions => Comparison?.Advice?.Dimensions ?? Model.Dimensions;
}
