namespace Microsoft.ML.Mrl;

/// <summary>
/// How an encoder is trained to work at every depth as well as at every prefix: 2D Matryoshka (Li et al. 2024, arXiv:2402.14776).
/// </summary>
/// <remarks>
/// Each step draws one layer l of 1..L−1, evenly, and adds to the loss of the last layer, with z_l the embeddings that pooling and what
/// follows it make of layer l: PriorLayersWeight · loss(z_l) / l + DivergenceWeight · τ · KL(softmax(z_L / τ) ‖ softmax(z_l / τ)), the
/// softmax over the values of an embedding at full width and the mean over rows, with embeddings at a mean length of about 1. The loss is
/// the nested one in both places. This is what sentence-transformers' Matryoshka2dLoss computes. Layers that are frozen are not drawn.
/// Serve from a depth with <see cref="TransformerTextEncoder.WithLayers"/>. The drawn layer costs no pass of its own, only the loss's time.
/// The best epoch is chosen, and the result judged, by the last layer alone: measure the depth that is to be served.
/// </remarks>
public sealed record AdaptiveLayerOptions
{
    /// <summary>The weight of the drawn layer's loss. 0 or more. Default 1.</summary>
    public double PriorLayersWeight { get; init; } = 1;

    /// <summary>The weight of the divergence from the last layer. 0 or more; 0 leaves it out. Default 1.</summary>
    public double DivergenceWeight { get; init; } = 1;

    /// <summary>The temperature τ of the divergence. Above 0. Default 0.3.</summary>
    public double DivergenceTemperature { get; init; } = 0.3;
}
