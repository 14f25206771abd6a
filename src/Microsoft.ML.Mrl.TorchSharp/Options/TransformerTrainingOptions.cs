namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of a transformer's training besides those that every training has.</summary>
/// <remarks>
/// The optimizer is AdamW, without decay of biases and of the scales of LayerNorm; decay pulls to 0. Training is on the processor and in
/// single precision.
/// The rates rise and fall together, as <see cref="MrlTrainingOptions.WarmUpFraction"/> says.
/// </remarks>
public sealed class TransformerTrainingOptions
{
    /// <summary>
    /// Gets how many texts go through the encoder at once, sorted by length. At least 1. Default 32. A batch with more texts than this is
    /// computed in parts with cached gradients (Gao et al. 2021, arXiv:2101.06983): the gradient is that of the whole batch, every text of
    /// which may serve as a negative, in the memory of so many texts, for the time of one more pass without gradients.
    /// </summary>
    public int MiniBatchSize { get; init; } = 32;

    /// <summary>
    /// Gets the number of batches whose losses are averaged in one step. At least 1. Default 1. A larger
    /// <see cref="MrlTrainingOptions.BatchSize"/> needs no more memory and gives contrastive objectives more negatives, so prefer that;
    /// this is for objectives whose loss of a large batch is another one than the mean of small ones, where small ones are wanted.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>
    /// Gets the highest learning rate of the encoder itself. Above 0. Default 2e-5. <see cref="MrlTrainingOptions.LearningRate"/> is that
    /// of what the loss learns, such as a classifier.
    /// </summary>
    public double LearningRate { get; init; } = 2e-5;

    /// <summary>
    /// Gets the highest learning rate of Dense layers behind the pooling, the one that <see cref="StartingPoint.Pca"/> adds included. Above
    /// 0. Default 2e-4.
    /// </summary>
    public double DenseLearningRate { get; init; } = 2e-4;

    /// <summary>
    /// Gets what stays as it is: 0 for the tables of words and positions, k for those and the first k layers, the number of layers or more
    /// for the whole encoder, so that only Dense layers learn. <see langword="null"/> (default): nothing is frozen.
    /// </summary>
    public int? FrozenLayers { get; init; }

    /// <summary>
    /// Gets the share of values that are left out while training, of token vectors and of attention. 0 up to, not including, 1.
    /// <see langword="null"/> (default):
    /// as the encoder's config.json says, mostly 0.1, as sentence-transformers does.
    /// </summary>
    public double? Dropout { get; init; }

    /// <summary>
    /// Gets the length that longer gradients, of all parameters together, are scaled down to. Above 0; infinity never scales. Default 1.
    /// </summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// Gets how shallower layers are trained too, so that the encoder can be cut in depth; <see langword="null"/> (default): the last layer
    /// alone.
    /// </summary>
    public AdaptiveLayerOptions? AdaptiveLayers { get; init; }
}
