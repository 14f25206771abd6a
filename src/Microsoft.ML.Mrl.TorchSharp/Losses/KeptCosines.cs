using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Keeps the cosines of the input vectors at the long prefixes, beside a loss that asks for something else: strength · Σ_m mean over i, j
/// of (cos(z_i[:m], z_j[:m]) − cos(x_i, x_j))², where m runs over the prefix lengths of at least a third of the largest. What the
/// input vectors tell apart besides what is learned is then still told apart, and fewer rows are needed to learn from.
/// </summary>
/// <param name="dimensions">The prefix lengths.</param>
/// <param name="strength">The strength, above 0.</param>
internal sealed class KeptCosines(MatryoshkaDimensions dimensions, double strength)
{
    /// <summary>What was best on rows held back.</summary>
    public const double UsualStrength = 1000;

    private const int LongPart = 3;

    private readonly MatryoshkaDimensions _long = new([.. dimensions.Where(m => m * LongPart >= dimensions.Largest)]);

    /// <summary>The term, a scalar.</summary>
    /// <param name="embeddings">z, <c>[B, D_out]</c>.</param>
    /// <param name="inputs">x, <c>[B, D_in]</c>, or coordinates with the same products.</param>
    public Tensor Of(Tensor embeddings, Tensor inputs)
    {
        Tensor targets = NestedCosines.AtFullWidth(inputs, inputs).detach();
        Tensor[] gaps = [.. NestedCosines.OfAllPairs(embeddings, embeddings, _long).Select(cosines => cosines - targets)];
        return gaps.Select(gap => gap.mul(gap).Mean()).Aggregate(TensorMath.Plus).Times(strength);
    }
}
