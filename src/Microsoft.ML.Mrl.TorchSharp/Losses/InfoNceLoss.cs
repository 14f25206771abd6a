using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Draws anchors to their positives and away from everything else in the batch:
/// −1/B Σ_i [ s·cos(a_i, p_i) − log Σ_d exp(s·cos(a_i, d)) ], d over all positives and negatives, s = 1 / temperature.
/// Known as InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) and as multiple negatives ranking (Henderson et al. 2017, arXiv:1705.00652).
/// </summary>
/// <remarks>Needs positives; uses negatives where there are any. A batch of one row without negatives has loss 0.</remarks>
public sealed class InfoNceLoss : SimilarityLoss
{
    private readonly double _scale;

    /// <summary>Creates the loss.</summary>
    /// <param name="temperature">Divides the cosines; above 0. Default 0.05, so s = 20.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public InfoNceLoss(double temperature = 0.05) => _scale = 1 / Temperature.Checked(temperature);

    /// <inheritdoc/>
    protected override Comparison Compares => Comparison.AllPairs;

    /// <inheritdoc/>
    protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch)
    {
        Tensor positives = Require(batch.Positives, nameof(batch.Positives));
        return (batch.Anchors, batch.Negatives is null ? positives : cat([positives, batch.Negatives], 0));
    }

    /// <inheritdoc/>
    protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch) =>
        nn.functional.cross_entropy(cosines.Times(_scale), OwnNumbers((int)cosines.shape[0]));

    /// <inheritdoc/>
    internal override Tensor? ForwardFused(EmbeddingBatch batch, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights)
    {
        (Tensor anchors, Tensor documents) = Sides(batch);
        return NestedInfoNce.Loss(anchors, documents, dimensions, weights, _scale);
    }

    /// <summary>0, 1, …, B−1: the positive of each row.</summary>
    private static Tensor OwnNumbers(int rows)
    {
        var numbers = new long[rows];
        for (int i = 0; i < rows; i++)
        {
            numbers[i] = i;
        }
        return tensor(numbers);
    }
}
