namespace Microsoft.ML.Mrl;

/// <summary>Provides the options that only the training of a transformer has.</summary>
/// <remarks>
/// The optimizer is AdamW. Weight decay pulls towards 0 and spares biases and the scales of LayerNorm. Training runs on the CPU in single
/// precision. All learning rates follow the schedule of <see cref="MrlTrainingOptions.WarmUpFraction"/>.
/// </remarks>
public sealed class TransformerTrainingOptions
{
    /// <summary>
    /// Gets the number of texts, sorted by length, that pass through the encoder at once, at least 1. The default is 32. A larger batch is
    /// computed in parts with cached gradients (Gao et al. 2021, arXiv:2101.06983). The gradient is then exactly that of the whole batch,
    /// so all of its texts can serve as negatives, but only the activations of one part are in memory. The price is one more pass without
    /// gradients.
    /// </summary>
    public int MiniBatchSize { get; init; } = 32;

    /// <summary>
    /// Gets the number of batches whose losses are averaged in one step, at least 1. The default is 1. Prefer a larger
    /// <see cref="MrlTrainingOptions.BatchSize"/>, which needs no more memory and gives contrastive objectives more negatives. This option
    /// is for objectives that need small batches.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>
    /// Gets the peak learning rate of the encoder itself, above 0. The default is 2e-5. <see cref="MrlTrainingOptions.LearningRate"/> is
    /// the rate of the parameters of the loss, such as a classifier.
    /// </summary>
    public double LearningRate { get; init; } = 2e-5;

    /// <summary>
    /// Gets the peak learning rate of the Dense layers after the pooling, including the layer that <see cref="StartingPoint.Pca"/> adds.
    /// Above 0. The default is 2e-4.
    /// </summary>
    public double DenseLearningRate { get; init; } = 2e-4;

    /// <summary>
    /// Gets the number of layers, from the first one, that stay unchanged. 0 freezes only the word and position embeddings, and k also the
    /// first k layers. With the number of layers of the encoder or more, only Dense layers learn. The default, <see langword="null"/>,
    /// freezes nothing.
    /// </summary>
    public int? FrozenLayers { get; init; }

    /// <summary>
    /// Gets the dropout probability of token vectors and attention weights, from 0 to below 1. The default, <see langword="null"/>, is the
    /// value in the encoder's <c>config.json</c>, usually 0.1.
    /// </summary>
    public double? Dropout { get; init; }

    /// <summary>
    /// Gets the maximum norm of the gradient of all parameters together. Longer gradients are scaled down to it. Above 0; infinity never
    /// scales. The default is 1.
    /// </summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// Gets the options for training the earlier layers too, so that the encoder also works at smaller depths. The default,
    /// <see langword="null"/>, trains the last layer alone.
    /// </summary>
    public AdaptiveLayerOptions? AdaptiveLayers { get; init; }
}
