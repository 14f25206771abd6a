namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides options for 2D Matryoshka training, which makes an encoder work at every depth as well as at every prefix (Li et al. 2024,
/// arXiv:2402.14776).
/// </summary>
/// <remarks>
/// <para>
/// Each step draws one layer l of 1..L−1 with equal probability, and adds PriorLayersWeight · loss(z_l) + DivergenceWeight · τ ·
/// KL(softmax(z_L / τ) ‖ softmax(z_l / τ)) to the nested loss of the last layer L. Here z_l, <c>[N, D]</c>, are the embeddings that the
/// pooling and the modules after it compute from layer l, scaled to a mean length of about 1. The softmax is over the values of an
/// embedding at full width, and the divergence is the mean over rows. The last layer is the teacher and gets no gradient from the
/// divergence. All layers have the same weight. Matryoshka2dLoss of sentence-transformers 6 does the same.
/// </para>
/// <para>
/// Frozen layers are not drawn. The drawn layer needs no extra pass through the encoder, only the time of the loss.
/// <see cref="TransformerTextEncoder.WithLayers"/> returns the encoder at a smaller depth. Only the last layer decides which epoch is best
/// and whether the result is kept, so evaluate the depth that you intend to serve.
/// </para>
/// </remarks>
public sealed class AdaptiveLayerOptions
{
    /// <summary>Gets the weight of the drawn layer's loss, 0 or more. The default is 1.</summary>
    public double PriorLayersWeight { get; init; } = 1;

    /// <summary>Gets the weight of the divergence from the last layer, 0 or more. 0 disables it. The default is 1.</summary>
    public double DivergenceWeight { get; init; } = 1;

    /// <summary>Gets the temperature τ of the divergence, above 0. The default is 0.3.</summary>
    public double DivergenceTemperature { get; init; } = 0.3;
}
