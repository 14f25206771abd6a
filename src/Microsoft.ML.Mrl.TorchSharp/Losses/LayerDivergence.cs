using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// How far the embeddings of an earlier layer are from those of the last: τ · mean over rows of KL(softmax(z_L / τ) ‖ softmax(z_l / τ)),
/// the softmax over the values of an embedding.
/// </summary>
internal static class LayerDivergence
{
    /// <summary>Computes it. The last layer is the teacher, which no gradient reaches.</summary>
    /// <param name="last">z_L, <c>[N, D]</c>.</param>
    /// <param name="earlier">z_l, <c>[N, D]</c>.</param>
    /// <param name="temperature">τ.</param>
    public static Tensor Of(Tensor last, Tensor earlier, double temperature) =>
        DistillationLoss.Divergence(last.detach().Times(1 / temperature), earlier.Times(1 / temperature)).Times(temperature);
}
