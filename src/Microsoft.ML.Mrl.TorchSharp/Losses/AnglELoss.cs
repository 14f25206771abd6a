using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Orders pairs by their score through the angle between them in the complex plane: AnglE (Li and Li 2023, arXiv:2309.12871).
/// log(1 + Σ_{y_i &lt; y_j} exp(s (a_i − a_j))), s = 1 / temperature.
/// </summary>
/// <remarks>
/// <para>
/// The batch needs anchors and positives <c>[B, D]</c>, the two sides of each pair, and scores <c>[B]</c>, of which only the order counts.
/// The loss is a sum over the batch, not a mean.
/// </para>
/// <para>
/// a = |Σ Re(z) + Σ Im(z)|, where z is the quotient of the two unit vectors, each read as complex numbers: its first half are the real
/// parts, its second half the imaginary parts, and an odd width is padded with a zero.
/// </para>
/// <para>
/// Related losses: <see cref="CoSentLoss"/> orders pairs by their cosine, whose gradient vanishes near ±1, where that of the angle does
/// not. It is also cheaper when nested: the halves of a prefix are no prefixes of the halves, so AnglE is computed anew at every dimension.
/// </para>
/// </remarks>
public sealed class AnglELoss : EmbeddingLoss
{
    private readonly double _scale;

    /// <summary>Initializes a new instance of the <see cref="AnglELoss"/> class.</summary>
    /// <param name="temperature">The number that the angle similarities are divided by, above 0. Default 0.05, so s = 20.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public AnglELoss(double temperature = 0.05) => _scale = 1 / LossArguments.Temperature(temperature);

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
        return CoSentLoss.Ordered(angles, scores, _scale);
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
