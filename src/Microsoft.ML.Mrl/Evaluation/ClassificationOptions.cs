using System.Globalization;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <see cref="MrlOperations.EvaluateClassification"/>. All invalid values are reported at once.</summary>
public sealed class ClassificationOptions
{
    // Less could drown in the rounding of double precision where there are fewer rows than columns.
    private const double MinRegularization = 1e-6;

    /// <summary>
    /// Gets the numbers of neighbors that vote, each at least 1 and named once. Every number k adds a metric <c>k-NN</c>, and the first is
    /// the primary metric. If there are fewer reference rows, all of them vote. Among classes with equally many votes, the one with the
    /// nearest neighbor wins. The default is 1.
    /// </summary>
    public IReadOnlyList<int> Neighbors { get; init; } = [1];

    /// <summary>
    /// Gets the L2 regularization α of a linear probe, at least 1e-6, which adds the metric <c>LinearProbe</c>. The value 0.1 suits most
    /// embeddings. The default, <see langword="null"/>, means no probe.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The probe is ridge regression on one-hot classes, one against the rest (Hoerl and Kennard 1970), fitted in closed form. Let Z be the
    /// reference rows, <c>[N, D]</c>, each rescaled to unit length at the full width, less their mean μ; let Y be their classes as ones and
    /// zeros, <c>[N, C]</c>, ȳ the share of each class, and λ = α · tr(ZᵀZ) / D. At dimension m, a row z has the scores ȳ + (z − μ)[:m] ·
    /// (Z[:, :m]ᵀZ[:, :m] + λI)⁻¹ · Z[:, :m]ᵀY, and the greatest score names its class. The Gram matrix of a prefix is a corner of that of
    /// the full width, and so is its Cholesky factor, LLᵀ = ZᵀZ + λI. One factor therefore serves all dimensions: with u = L⁻¹(z − μ) and V
    /// = L⁻¹ZᵀY, the scores at m are ȳ + Σ u_j V_j over the first m values.
    /// </para>
    /// <para>
    /// Unlike the other metrics, the probe reads the prefix without rescaling it at m. Scores within 1e-9 of the greatest count as equal,
    /// and the class that was seen first wins. If one row is left out, the scores are exactly those of a fit to all others with the same λ:
    /// ŷ − (y − ŷ) h / (1 − h), h = 1 / N + |u[:m]|².
    /// </para>
    /// </remarks>
    public double? ProbeL2Regularization { get; init; }

    /// <summary>
    /// Gets the types to evaluate. Single precision is always evaluated; the default is single precision alone. Centroids are means of the
    /// vectors that the quantized ones stand for, and are not quantized themselves. For the other types, a linear probe is fitted to the
    /// quantized prefix, which has unit length at its own dimension.
    /// </summary>
    public IReadOnlyList<EmbeddingType> Types { get; init; } = [EmbeddingType.Single];

    /// <summary>
    /// Gets a value indicating whether the rows to classify are quantized like the reference rows, as when bits are compared by Hamming
    /// distance. The default, <see langword="false"/>, keeps them in single precision. If one row is left out, they are always quantized.
    /// </summary>
    public bool QuantizeQueries { get; init; }

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(
            Problems().Concat(TypedEvaluation.Problems(Types)), nameof(ClassificationOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (Neighbors is null || Neighbors.Count == 0)
        {
            yield return $"{nameof(Neighbors)} are not given; name at least one number, such as 1.";
        }
        else if (Neighbors.Any(k => k < 1) || Neighbors.Distinct().Count() < Neighbors.Count)
        {
            yield return $"{nameof(Neighbors)} are {string.Join(", ", Neighbors)}; choose numbers of 1 or more, each once.";
        }
        if (ProbeL2Regularization is { } alpha && !(alpha >= MinRegularization && double.IsFinite(alpha)))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{nameof(ProbeL2Regularization)} is {alpha}; choose {MinRegularization} or more, such as 0.1, or leave it out.");
        }
    }
}
