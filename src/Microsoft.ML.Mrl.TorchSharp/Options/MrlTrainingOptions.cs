namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents what the trainings of heads and of text encoders have in common. All that is wrong with options is reported at once.
/// </summary>
public abstract record MrlTrainingOptions
{
    private protected MrlTrainingOptions()
    {
    }

    /// <summary>Gets the name of the column to make, <c>[D_out]</c>.</summary>
    public required string OutputColumnName { get; init; }

    /// <summary>Gets the name of the input column; <see langword="null"/> (default) for the same name as the output.</summary>
    public string? InputColumnName { get; init; }

    /// <summary>Gets what to train for, and the columns that supervise it.</summary>
    public required MrlObjective Objective { get; init; }

    /// <summary>Gets the nested prefix lengths; <see langword="null"/> (default) for the output width and its halves down to 8.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>
    /// Gets the weight of each dimension in the loss, as many as there are dimensions, ascending; <see langword="null"/> (default) for 1
    /// each.
    /// </summary>
    public IReadOnlyList<float>? DimensionWeights { get; init; }

    /// <summary>
    /// Gets the width D_out of the new embedding, 1..D_in. <see langword="null"/> (default): the largest of <see cref="Dimensions"/> where
    /// given, else D_in, or 256 where D_in is above 1,024 (the log says so). A <see cref="HeadKind.Orthogonal"/> head always has D_in.
    /// </summary>
    public int? OutputDimensions { get; init; }

    /// <summary>
    /// Gets what the training starts from. <see langword="null"/> (default): <see cref="StartingPoint.Pca"/>, or for a transformer the
    /// pretrained encoder with a linear head behind it, a Dense layer, that is trained on the encoder's embeddings first; the encoder then
    /// learns together with it, and where that is not better on the rows held back, the encoder is returned as it came with this head.
    /// With <see cref="StartingPoint.Identity"/> a transformer starts as it is, and a narrower output takes its first values; with
    /// <see cref="StartingPoint.Pca"/> it gets a Dense layer that starts as the rotation. The result is compared with the raw and the PCA
    /// prefix all the same.
    /// </summary>
    public StartingPoint? StartingPoint { get; init; }

    /// <summary>
    /// Gets the number of rows a step. At least 2. <see langword="null"/> (default) for 256, or 64 for a transformer; fewer where the data
    /// has fewer.
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>Gets the most passes over the data. At least 1. <see langword="null"/> (default) for 40, or 3 for a transformer.</summary>
    public int? Epochs { get; init; }

    /// <summary>Gets the epochs without a better validation score after which training ends. At least 1. Default 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>
    /// Gets the highest learning rate of AdamW, reached after the warm-up, on inputs scaled to a mean length of 1. Above 0.
    /// <see langword="null"/> (default): for a head a few rates between 0.0006 and 0.02, each with the losses and the kinds of head that it is
    /// known to go with, are tried for a part of the epochs and the best two for all of them, and the rows held back choose; where none are
    /// held back, a linear head is trained with the one that mostly suits it; for static encoders 0.02. For a transformer it is the rate of
    /// what the loss itself learns, such as a classifier; the encoder's own is in <see cref="TransformerTrainingOptions.LearningRate"/>.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// Gets AdamW's pull of the head towards its starting point and of classifiers and transformers towards 0, per unit of learning rate.
    /// 0 or more. Default 0.01.
    /// </summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Gets the share of all steps in which the learning rate rises, before it falls along a cosine. 0..1. Default 0.1.</summary>
    public double WarmUpFraction { get; init; } = 0.1;

    /// <summary>
    /// Gets the share of rows held back to choose the best epoch by. 0 up to (not including) 1; 0 keeps the last epoch. Default 0.1.
    /// Not used where <c>Fit</c> is given rows for validation.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>
    /// Gets what learned weights must reach on the rows held back to be handed back. Default <see cref="HarmGate.NoDimensionWorse"/>.
    /// </summary>
    public HarmGate Gate { get; init; } = HarmGate.NoDimensionWorse;

    /// <summary>
    /// Gets the seed; <see langword="null"/> (default) for the one of the <see cref="MLContext"/>, or 0 where that has none.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Gets how many bytes of vectors are kept in memory; what is beyond lies in a temporary file for as long as the training runs. Above
    /// 0. <see langword="null"/> (default) for a quarter of the memory that the process may use. What is learned does not depend on it.
    /// Wide sparse vectors are always kept in memory.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>
    /// Gets the folder of the temporary file, which must exist; <see langword="null"/> (default) for <see cref="Path.GetTempPath"/>.
    /// </summary>
    public string? TempFolder { get; init; }

    /// <summary>
    /// Gets the most time to take steps in; when it is up, the best weights so far are returned. Above 0. <see langword="null"/> (default)
    /// for no limit.
    /// Reading and the start do not count.
    /// </summary>
    public TimeSpan? TrainTime { get; init; }

    /// <summary>
    /// Gets the folder to save the state of the training to, every <see cref="CheckpointEvery"/> steps and when it is cancelled; made if it
    /// is not there. The last two of a training are kept, and checkpoints of other trainings stay as they are. One training at a time may
    /// use a folder. A checkpoint that cannot be written, on a full disk for example, is left out with a warning in the log.
    /// <see langword="null"/> (default) for no checkpoints.
    /// </summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Gets the number of steps between two checkpoints. At least 1. Default 100.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>
    /// Gets what to do with checkpoints in the folder. Default: go on from them. The result is the same, byte for byte, as without the
    /// interruption, given the same data, options and machine.
    /// </summary>
    public ResumeMode Resume { get; init; } = ResumeMode.WhenPossible;
}
