using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides the options that the trainings of heads and of text encoders share. All invalid values are reported at once.
/// </summary>
public abstract record MrlTrainingOptions
{
    private protected MrlTrainingOptions()
    {
    }

    /// <summary>Gets the name of the output column, <c>[D_out]</c>.</summary>
    public required string OutputColumnName { get; init; }

    /// <summary>Gets the name of the input column. The default, <see langword="null"/>, is the name of the output column.</summary>
    public string? InputColumnName { get; init; }

    /// <summary>Gets the objective, which names the loss and the columns that supervise it.</summary>
    public required MrlObjective Objective { get; init; }

    /// <summary>
    /// Gets the nested prefix lengths. The default, <see langword="null"/>, is the output width and its halves down to 8.
    /// </summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>
    /// Gets the weight of each dimension in the loss, in the order of <see cref="Dimensions"/>. The default, <see langword="null"/>, is 1
    /// for each of them.
    /// </summary>
    public IReadOnlyList<float>? DimensionWeights { get; init; }

    /// <summary>
    /// Gets the width D_out of the new embedding, 1..D_in. The default, <see langword="null"/>, is the largest of <see cref="Dimensions"/>.
    /// If those are not given, it is D_in, or 256 if D_in is above 1,024, which the log reports. A <see cref="HeadKind.Orthogonal"/> head
    /// always has D_in.
    /// </summary>
    public int? OutputDimensions { get; init; }

    /// <summary>
    /// Gets the starting point. The default, <see langword="null"/>, is <see cref="StartingPoint.Pca"/> for a head. For an encoder, the
    /// default is the pretrained encoder with a head behind it that is first trained on the encoder's embeddings. With
    /// <see cref="StartingPoint.Identity"/>, a transformer starts as the pretrained encoder alone, and a narrower output takes its first
    /// values. With <see cref="StartingPoint.Pca"/>, it gets a Dense layer of D_out values that starts as the rotation and is trained with
    /// the encoder. Whatever the starting point, the result is compared with the raw and the PCA prefix.
    /// </summary>
    public StartingPoint? StartingPoint { get; init; }

    /// <summary>
    /// Gets the number of rows in a step, at least 2. The default, <see langword="null"/>, is 256, or 64 for a transformer, or the number
    /// of training rows if that is smaller.
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// Gets the maximum number of epochs, at least 1. The default, <see langword="null"/>, is 40, or 3 for a transformer.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// Gets the number of epochs without a better validation score after which training stops, at least 1. The default is 10.
    /// </summary>
    public int Patience { get; init; } = 10;

    /// <summary>
    /// Gets the peak learning rate of AdamW, which is reached after the warm-up, for inputs scaled to a mean length of 1. Above 0. The
    /// default, <see langword="null"/>, tries a few rates between 0.0006 and 0.02 for a head, each with the losses and the kinds of head
    /// that it suits: all of them for a part of the epochs, and the best two for all epochs. The validation rows choose among them. Without
    /// validation rows, a linear head is trained at one rate. For static encoders the default is 0.02. For a transformer, this is the rate
    /// of the parameters of the loss, such as a classifier; that of the encoder is <see cref="TransformerTrainingOptions.LearningRate"/>.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// Gets the weight decay of AdamW, per unit of learning rate, 0 or more. It pulls heads and static encoders towards their starting
    /// point, and classifiers and transformers towards 0. The default is 0.01.
    /// </summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>
    /// Gets the share of all steps in which the learning rate rises before it falls along a cosine, 0..1. The default is 0.1.
    /// </summary>
    public double WarmUpFraction { get; init; } = 0.1;

    /// <summary>
    /// Gets the share of rows that are held back for validation, from 0 to below 1. The best epoch is chosen by them; with 0, the last
    /// epoch is kept. The default, <see langword="null"/>, stands for 0.1, and for 0.2 where an encoder has at most 2,500 rows. If
    /// <c>Fit</c> is given validation rows, this has no effect. For a head with at most 2,500 rows and choices left open, every row is held
    /// back once, in parts, and the head then learns from all rows; only 0 prevents that.
    /// </summary>
    public double? ValidationFraction { get; init; }

    /// <summary>The share of rows to hold back where their number plays no part.</summary>
    internal double HeldBackFraction => ValidationFraction ?? 0.1;

    /// <summary>
    /// Gets the condition that the learned weights must meet on the validation rows to be returned. The default is
    /// <see cref="HarmGate.NoDimensionWorse"/>.
    /// </summary>
    public HarmGate Gate { get; init; } = HarmGate.NoDimensionWorse;

    /// <summary>
    /// Gets the seed. The default, <see langword="null"/>, is the seed of the <see cref="MLContext"/>, or 0 if that has none.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Gets the maximum size in bytes of the vectors that are kept in memory, above 0. The rest is kept in a temporary file while the
    /// training runs. The default, <see langword="null"/>, is a quarter of the memory that the process may use. The result does not depend
    /// on it. Sparse vectors of more than 1,024 values are always kept in memory.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>
    /// Gets the folder of the temporary file, which must exist. The default, <see langword="null"/>, is <see cref="Path.GetTempPath"/>.
    /// </summary>
    public string? TempFolder { get; init; }

    /// <summary>
    /// Gets the maximum time for the training steps, above 0. When it is over, the best weights so far are returned. Reading the data and
    /// computing principal components do not count. The default, <see langword="null"/>, is no limit.
    /// </summary>
    public TimeSpan? TrainTime { get; init; }

    /// <summary>
    /// Gets the folder for checkpoints, which are written every <see cref="CheckpointEvery"/> steps and when the training is canceled. The
    /// folder is created if it does not exist. The last two checkpoints of a training are kept, and those of other trainings stay
    /// unchanged. Only one training at a time may use a folder. If a checkpoint cannot be written, for example because the disk is full,
    /// the log has a warning and the training continues. The default, <see langword="null"/>, writes no checkpoints.
    /// </summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Gets the number of steps between two checkpoints, at least 1. The default is 100.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>
    /// Gets what happens to checkpoints that are already in the folder. The default is <see cref="ResumeMode.WhenPossible"/>. With the same
    /// data, options and machine, a resumed training gives the same bytes as one without an interruption.
    /// </summary>
    public ResumeMode Resume { get; init; } = ResumeMode.WhenPossible;

    /// <summary>The words in which verdicts advise.</summary>
    internal VerdictAdvice Advice { get; init; } = VerdictAdvice.ToPrograms;
}
