using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Orders pairs by their score through the angle between them in the complex plane, which does not go flat where cosines are near ±1:
/// log(1 + Σ_{y_i &lt; y_j} exp(s (a_i − a_j))), s = 1 / temperature: AnglE (Li and Li 2023, arXiv:2309.12871).
/// </summary>
/// <remarks>
/// a = |Σ Re(z) + Σ Im(z)|, z the quotient of the two unit vectors, each read as complex numbers whose real parts are its first half and whose imaginary parts are its second half; an odd
/// width is padded with a zero. A sum over the batch. Needs positives, the other side of each pair, and scores, of which only the order counts. The halves of a prefix are not prefixes
/// of the halves, so this loss is computed anew for every dimension.
/// </remarks>
public sealed class AnglELoss : EmbeddingLoss
{
    private readonly double _scale;

    /// <summary>Creates the loss.</summary>
    /// <param name="temperature">Divides the angle similarities; above 0. Default 0.05, so s = 20.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public AnglELoss(double temperature = 0.05) => _scale = 1 / Temperature.Checked(temperature);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no positives or no scores.</exception>
    public override Tensor Forward(EmbeddingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Tensor positives = Require(batch.Positives, nameof(batch.Positives));
        Tensor scores = Require(batch.Scores, nameof(batch.Scores));
        (Tensor a, Tensor b) = Halves(batch.Anchors);
        (Tensor c, Tensor d) = Halves(positives);
        // The quotient of unit vectors: (a + bi)(c − di) = (ac + bd) + (bc − ad)i.
        Tensor angles = ((a * c).Plus(b * d).Plus(b * c) - (a * d)).sum([1L]).abs();
        return ScoreOrder.Loss(angles, scores, _scale);
    }

    private static (Tensor Real, Tensor Imaginary) Halves(Tensor rows)
    {
        Tensor unit = NestedCosines.UnitLength(rows);
        long width = unit.shape[1];
        if (width % 2 == 1)
        {
            unit = cat([unit, zeros(unit.shape[0], 1, unit.dtype)], 1);
        }
        long half = unit.shape[1] / 2;
        return (unit.narrow(1, 0, half), unit.narrow(1, half, half));
    }
}
