using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl;

/// <summary>Everything that can be said about a Matryoshka training. All that is wrong with it is reported at once.</summary>
public sealed record MrlFineTuneOptions
{
    /// <summary>The column to make, <c>[D_out]</c>.</summary>
    public required string OutputColumnName { get; init; }

    /// <summary>The embedding column <c>[D_in]</c>, or the text column for an encoder; <see langword="null"/> (default) for the same name as the output.</summary>
    public string? InputColumnName { get; init; }

    /// <summary>
    /// The encoder to fine-tune, for <c>MrlFineTuneEncoder</c>: the input column and the objective's positive and negative columns are then text, and the encoder's own
    /// weights learn. <see langword="null"/> (default) to train a head on vectors, with <c>MrlFineTune</c>.
    /// </summary>
    public TextEncoder? Encoder { get; init; }

    /// <summary>How a transformer is fine-tuned, where <see cref="Encoder"/> is one; <see langword="null"/> (default) for all defaults.</summary>
    public TransformerTrainingOptions? Transformer { get; init; }

    /// <summary>What to train for, and the columns that supervise it.</summary>
    public required MrlObjective Objective { get; init; }

    /// <summary>The nested prefix lengths; <see langword="null"/> (default) for the output width and its halves down to 8.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>The weight of each dimension in the loss, as many as there are dimensions, ascending; <see langword="null"/> (default) for 1 each.</summary>
    public IReadOnlyList<float>? DimensionWeights { get; init; }

    /// <summary>
    /// The width D_out of the new embedding, 1..D_in. <see langword="null"/> (default): the largest of <see cref="Dimensions"/> where given, else D_in,
    /// or 256 where D_in is above 1,024 (the log says so). A <see cref="HeadKind.Orthogonal"/> head always has D_in.
    /// </summary>
    public int? OutputDimensions { get; init; }

    /// <summary>What the training may do to the vectors. Default <see cref="HeadKind.Linear"/>, any linear map.</summary>
    public HeadKind Head { get; init; }

    /// <summary>
    /// What the training starts from. <see langword="null"/> (default) for <see cref="StartingPoint.Pca"/>, or for a transformer <see cref="StartingPoint.Identity"/>, the pretrained encoder as it is, of
    /// which a narrower output takes the first values. For a transformer, <see cref="StartingPoint.Pca"/> adds a Dense layer of D_out values that starts as the rotation and learns with it.
    /// The result is compared with the raw and the PCA prefix all the same.
    /// </summary>
    public StartingPoint? StartingPoint { get; init; }

    /// <summary>
    /// The width H of the hidden layer of a <see cref="HeadKind.Residual"/> head, at least 1; <see langword="null"/> (default) for twice the output width,
    /// at most 512. No other head has one.
    /// </summary>
    public int? HiddenDimensions { get; init; }

    /// <summary>Rows a step. At least 2. Default 256; fewer where the data has fewer.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>The most passes over the data. At least 1. Default 40, which is meant for heads and static encoders; a pretrained transformer wants 1 to 5.</summary>
    public int Epochs { get; init; } = 40;

    /// <summary>Epochs without a better validation score after which training ends. At least 1. Default 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>
    /// The highest learning rate of AdamW, reached after the warm-up, on inputs scaled to a mean length of 1. Above 0. Default 0.02. For a transformer that of what the loss itself learns, such as a
    /// classifier; the encoder's own is in <see cref="Transformer"/>.
    /// </summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>AdamW's pull of the head towards its starting point and of classifiers and transformers towards 0, per unit of learning rate. 0 or more. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The share of all steps in which the learning rate rises, before it falls along a cosine. 0..1. Default 0.1.</summary>
    public double WarmUpFraction { get; init; } = 0.1;

    /// <summary>The share of rows held back to choose the best epoch by. 0 up to (not including) 1; 0 keeps the last epoch. Default 0.1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>
    /// Rows to choose the best epoch and the winner by, with the same columns as the training data, made by the same steps before this one; all of them are held back and
    /// <see cref="ValidationFraction"/> is not used. A class that no training row has counts as wrong. <see langword="null"/> (default): a share of the training data.
    /// </summary>
    public IDataView? ValidationData { get; init; }

    /// <summary>What a learned head must reach on the rows held back to be handed back. Default <see cref="HarmGate.NoDimensionWorse"/>.</summary>
    public HarmGate Gate { get; init; } = HarmGate.NoDimensionWorse;

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

    /// <summary>
    /// The most time to take steps in; when it is up, the best head so far is returned. Above 0. <see langword="null"/> (default) for no limit.
    /// Reading and the start do not count.
    /// </summary>
    public TimeSpan? TrainTime { get; init; }

    /// <summary>
    /// The folder to save the state of the training to, every <see cref="CheckpointEvery"/> steps and when it is cancelled; made if it is not there.
    /// The last two are kept. <see langword="null"/> (default) for no checkpoints.
    /// </summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Steps between two checkpoints. At least 1. Default 100.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>
    /// What to do with checkpoints in the folder. Default: go on from them. The result is the same, byte for byte, as without the interruption, given the
    /// same data, options and machine.
    /// </summary>
    public ResumeMode Resume { get; init; } = ResumeMode.WhenPossible;

    /// <summary>Receives the state of the training, on the training's thread, after every epoch and at most ten times a second between.</summary>
    public IProgress<MrlProgress>? Progress { get; init; }

    /// <summary>Ends the training early: the best head so far is returned, and its summary says that it was cancelled.</summary>
    public CancellationToken CancellationToken { get; init; }
}
