using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the AnglE loss (Li and Li 2023, arXiv:2309.12871), which orders pairs by the angle between them in the complex plane: log(1 +
/// Σ_{y_i &lt; y_j} exp(s (a_i − a_j))), s = 1 / temperature.
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors and positives <c>[B, D]</c>, the two sides of each pair, and scores <c>[B]</c>, of which only the order
/// counts. The loss is a sum over the batch, not a mean.
/// </para>
/// <para>
/// The similarity of a pair is a = |Σ Re(z) + Σ Im(z)|, where z is the quotient of the two unit vectors, read as complex numbers. The first
/// half of a vector holds the real parts and the second half the imaginary parts. An odd width is padded with a zero.
/// </para>
/// <para>
/// Related losses: <see cref="CoSentLoss"/> orders pairs by their cosine. The gradient of the cosine vanishes near ±1 and that of the angle
/// does not, but a nested CoSENT is cheaper, since AnglE must be computed anew at every dimension.
/// </para>
/// </remarks>
public sealed class AnglELoss : EmbeddingLoss
{
    private readonly double _scale;

    /// <summary>Initializes a new instance of the <see cref="AnglELoss"/> class.</summary>
    /// <param name="temperature">The number that the angle similarities are divided by, above 0. The default is 0.05, so s = 20.</param>
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
