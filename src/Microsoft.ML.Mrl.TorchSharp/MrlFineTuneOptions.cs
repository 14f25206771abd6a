namespace Microsoft.ML.Mrl;

/// <summary>Everything that can be said about a Matryoshka training. All that is wrong with it is reported at once.</summary>
public sealed record MrlFineTuneOptions
{
    /// <summary>The column to make, <c>[D_out]</c>.</summary>
    public required string OutputColumnName { get; init; }

    /// <summary>The embedding column <c>[D_in]</c>; <see langword="null"/> (default) for the same name as the output.</summary>
    public string? InputColumnName { get; init; }

    /// <summary>What to train for, and the columns that supervise it.</summary>
    public required MrlObjective Objective { get; init; }

    /// <summary>The nested prefix lengths; <see langword="null"/> (default) for the output width and its halves down to 8.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>The weight of each dimension in the loss, as many as there are dimensions, ascending; <see langword="null"/> (default) for 1 each.</summary>
    public IReadOnlyList<float>? DimensionWeights { get; init; }

    /// <summary>
    /// The width D_out of the new embedding, 1..D_in. <see langword="null"/> (default): the largest of <see cref="Dimensions"/> where given, else D_in,
    /// or 256 where D_in is above 1,024 (the log says so).
    /// </summary>
    public int? OutputDimensions { get; init; }

    /// <summary>Rows a step. At least 2. Default 256; fewer where the data has fewer.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>The most passes over the data. At least 1. Default 40.</summary>
    public int Epochs { get; init; } = 40;

    /// <summary>Epochs without a better validation score after which training ends. At least 1. Default 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>The highest learning rate of AdamW, reached after the warm-up, on inputs scaled to a mean length of 1. Above 0. Default 0.02.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>AdamW's pull of the head towards the PCA rotation and of classifiers towards 0, per unit of learning rate. 0 or more. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The share of all steps in which the learning rate rises, before it falls along a cosine. 0..1. Default 0.1.</summary>
    public double WarmUpFraction { get; init; } = 0.1;

    /// <summary>The share of rows held back to choose the best epoch by. 0 up to (not including) 1; 0 keeps the last epoch. Default 0.1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>The seed; <see langword="null"/> (default) for the one of the <see cref="MLContext"/>, or 0 where that has none.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// How many bytes of vectors are kept in memory; what is beyond lies in a temporary file for as long as the training runs. Above 0.
    /// <see langword="null"/> (default) for a quarter of the memory that the process may use. The trained head does not depend on it. Wide sparse vectors are
    /// always kept in memory.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>The folder of the temporary file, which must exist; <see langword="null"/> (default) for <see cref="Path.GetTempPath"/>.</summary>
    public string? TempFolder { get; init; }

    /// <summary>Receives the state of the training, on the training's thread, after every epoch and at most ten times a second between.</summary>
    public IProgress<MrlProgress>? Progress { get; init; }

    /// <summary>Ends the training early: the best head so far is returned, and its summary says that it was cancelled.</summary>
    public CancellationToken CancellationToken { get; init; }
}
