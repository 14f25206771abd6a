using System.Globalization;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// What <see cref="MrlOperations.EvaluateClassification(IDataView, string, string, IDataView, MatryoshkaDimensions, ClassificationOptions)"/>
/// measures beside the nearest class centroid. All that is wrong with it is reported at once.
/// </summary>
public sealed record ClassificationOptions
{
    // Less could drown in the rounding of double precision where there are fewer rows than columns.
    private const double LeastPenalty = 1e-6;

    /// <summary>
    /// The numbers of neighbours that vote, each at least 1 and named once; every one makes a metric <c>k-NN</c>, and the first is the primary one. Where there
    /// are fewer reference rows, all of them vote. Of classes with equally many votes the one with the nearest neighbour wins. Default: 1.
    /// </summary>
    public IReadOnlyList<int> Neighbors { get; init; } = [1];

    /// <summary>
    /// The penalty α of a linear probe, at least 1e-6, which makes the metric <c>LinearProbe</c>; 0.1 suits most embeddings. Default <see langword="null"/>: no probe.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The probe is ridge regression on one-hot classes, one against the rest (Hoerl and Kennard 1970), fitted in closed form. With Z the reference rows, <c>[N, D]</c>, each
    /// rescaled to unit length at the full width and less their mean μ, Y their classes as ones and zeros, <c>[N, C]</c>, ȳ the share of each class and
    /// λ = α · tr(ZᵀZ) / D, a row z has at dimension m the scores ȳ + (z − μ)[:m] · (Z[:, :m]ᵀZ[:, :m] + λI)⁻¹ · Z[:, :m]ᵀY, and the greatest of them names its class.
    /// The Gram matrix of a prefix is a corner of that of the full width, and so is its Cholesky factor, LLᵀ = ZᵀZ + λI; so one factor serves all
    /// dimensions: with u = L⁻¹(z − μ) and V = L⁻¹ZᵀY the scores at m are ȳ + Σ u_j V_j over the first m values.
    /// </para>
    /// <para>
    /// Unlike the other metrics the probe reads the prefix without rescaling it at m. Scores within 1e-9 of the greatest are equal, and the class that was seen first wins.
    /// Where one row is left out, the scores are exactly those of a fit to all others with the same λ: ŷ − (y − ŷ) h / (1 − h), h = 1 / N + |u[:m]|².
    /// </para>
    /// </remarks>
    public double? ProbePenalty { get; init; }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(ClassificationOptions), parameterName);

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
        if (ProbePenalty is { } penalty && !(penalty >= LeastPenalty && double.IsFinite(penalty)))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(ProbePenalty)} is {penalty}; choose {LeastPenalty} or more, such as 0.1, or leave it out.");
        }
    }
}
