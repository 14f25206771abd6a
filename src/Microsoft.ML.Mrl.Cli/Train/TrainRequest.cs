namespace Microsoft.ML.Mrl.Cli;

/// <summary>What <c>mrl train</c> was asked to do.</summary>
internal sealed record TrainRequest
{
    /// <summary>The file to train on; <see langword="null"/> for the shipped data set.</summary>
    public string? Dataset { get; init; }

    /// <summary>The file to test with; <see langword="null"/> for a part of the data set.</summary>
    public string? TestDataset { get; init; }

    /// <summary>The text column, a name or a position from 0; <see langword="null"/> to guess.</summary>
    public string? TextColumn { get; init; }

    /// <summary>The label column, a name or a position from 0; <see langword="null"/> to guess.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>The nested prefix lengths; <see langword="null"/> for the output width and its halves.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>The most passes over the data; <see langword="null"/> for the trainer's default.</summary>
    public int? Epochs { get; init; }

    /// <summary>The seed of the split and of the training.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The model file.</summary>
    public string Output { get; init; } = "mrl-model.zip";

    /// <summary>How much is told.</summary>
    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}
