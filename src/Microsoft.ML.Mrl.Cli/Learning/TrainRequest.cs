using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>What <c>mrl train</c> was asked to do.</summary>
internal sealed record TrainRequest
{
    /// <summary>The file to train on; <see langword="null"/> for the shipped data set.</summary>
    public string? Dataset { get; init; }

    /// <summary>The file to choose the best epoch by; <see langword="null"/> for a part of the rows to train on.</summary>
    public string? ValidationDataset { get; init; }

    /// <summary>The file to test with; <see langword="null"/> for a part of the data set.</summary>
    public string? TestDataset { get; init; }

    /// <summary>The columns that were named.</summary>
    public RoleNames Columns { get; init; } = new();

    /// <summary>Whether the first line of text files names the columns.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>The text encoder to fine-tune; <see langword="null"/> to train a head on features or vectors.</summary>
    public StartingEncoder? Encoder { get; init; }

    /// <summary>The nested prefix lengths; <see langword="null"/> for the output width and its halves.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>The most time to take steps in; <see langword="null"/> for no limit.</summary>
    public TimeSpan? TrainTime { get; init; }

    /// <summary>The most passes over the data; <see langword="null"/> for the trainer's default.</summary>
    public int? Epochs { get; init; }

    /// <summary>The seed of the split and of the training.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The name of what is made; <see langword="null"/> for one made of the data set's file name.</summary>
    public string? Name { get; init; }

    /// <summary>The folder in which a folder of that name is made.</summary>
    public string Output { get; init; } = ".";

    /// <summary>How much is told.</summary>
    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}

/// <summary>What a training came to.</summary>
/// <param name="Model">What was trained.</param>
/// <param name="Comparison">What it is worth at each dimension; <see langword="null"/> where nothing could be measured.</param>
/// <param name="TrainingTime">The time that training took, without reading and measuring.</param>
/// <param name="Warnings">What ML.NET's log warned of.</param>
internal sealed record TrainResult(TrainedModel Model, Comparison? Comparison, TimeSpan TrainingTime, IReadOnlyList<string> Warnings)
{
    /// <summary>The dimension to use: the recommended one, else the full width.</summary>
    public int Dimensions => Comparison?.Advice?.Dimensions ?? Model.Dimensions;
}
