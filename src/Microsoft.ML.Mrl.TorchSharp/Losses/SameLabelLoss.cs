using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the supervised contrastive loss (Khosla et al. 2020, arXiv:2004.11362, L_out), which pulls rows of the same class together
/// and pushes all others of the batch away: the mean over rows i of −1/|P_i| Σ_{p∈P_i} [ s·cos(x_i, x_p) − log Σ_{a≠i} exp(s·cos(x_i, x_a))
/// ], where P_i are the other rows of i's class and s = 1 / temperature.
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors <c>[B, D]</c> and labels <c>[B]</c>, and should have several rows of each class. A row that is the only one
/// of its class is a negative of the others but contributes no term, and the mean is over the other rows. A batch in which no class has two
/// rows has loss 0.
/// </para>
/// <para>Related losses: <see cref="SoftmaxLoss"/> learns a classifier instead and does not depend on the composition of batches.</para>
/// </remarks>
public sealed class SameLabelLoss : SimilarityLoss
{
    private readonly double _scale;

    /// <summary>Initializes a new instance of the <see cref="SameLabelLoss"/> class.</summary>
    /// <param name="temperature">The number that the cosines are divided by, above 0. The default is 0.1, as in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public SameLabelLoss(double temperature = 0.1) => _scale = 1 / LossArguments.Temperature(temperature);

    private protected override Comparison Compares => Comparison.AllPairs;

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) => (batch.Anchors, batch.Anchors);

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch)
    {
        Tensor labels = Require(batch.Labels, nameof(batch.Labels));
        Tensor selves = TensorMath.Selves((int)cosines.shape[0]);
        Tensor logProbabilities = cosines.Times(_scale).Fill(selves, TensorMath.NeverChosen).log_softmax(1);
        Tensor strangers = labels.unsqueeze(1).ne(labels.unsqueeze(0)).logical_or(selves);
        Tensor partners = strangers.logical_not().to(cosines.dtype);
        Tensor counts = partners.sum([1L]);
        Tensor rowMeans = logProbabilities.Fill(strangers, 0).sum([1L]) / counts.AtLeast(1);
        return rowMeans.sum().neg() / counts.sign().sum().AtLeast(1);
    }
}
