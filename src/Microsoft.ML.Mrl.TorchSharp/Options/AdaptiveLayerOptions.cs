namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the options of 2D Matryoshka, which trains an encoder to work at every depth as well as at every prefix (Li et al. 2024,
/// arXiv:2402.14776).
/// </summary>
/// <remarks>
/// <para>
/// Each step draws one layer l of 1..L−1, evenly, and adds to the nested loss of the last layer PriorLayersWeight · loss(z_l) +
/// DivergenceWeight · τ · KL(softmax(z_L / τ) ‖ softmax(z_l / τ)). z_l <c>[N, D]</c> are the embeddings that pooling and what follows it
/// make of layer l, at a mean length of about 1; the softmax is over the values of an embedding at full width, and the divergence the mean
/// over rows. The last layer is the teacher and gets no gradient from the divergence. Layers have equal weights, whatever their depth.
/// sentence-transformers' Matryoshka2dLoss does the same since version 6.
/// </para>
/// <para>
/// Frozen layers are not drawn. The drawn layer costs no pass of its own, only the loss's time. Serve from a depth with
/// <see cref="TransformerTextEncoder.WithLayers"/>. The best epoch is chosen, and the result judged, by the last layer alone: measure the
/// depth that is to be served.
/// </para>
/// </remarks>
public sealed class AdaptiveLayerOptions
{
    /// <summary>Gets the weight of the drawn layer's loss, 0 or more. Default 1.</summary>
    public double PriorLayersWeight { get; init; } = 1;

    /// <summary>Gets the weight of the divergence from the last layer, 0 or more; 0 leaves it out. Default 1.</summary>
    public double DivergenceWeight { get; init; } = 1;

    /// <summary>Gets the temperature τ of the divergence, above 0. Default 0.3.</summary>
    public double DivergenceTemperature { get; init; } = 0.3;
}
