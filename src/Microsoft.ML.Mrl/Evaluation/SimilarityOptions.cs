using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <see cref="MrlOperations.EvaluateSimilarity"/>. All invalid values are reported at once.</summary>
public sealed record SimilarityOptions
{
    /// <summary>
    /// Gets the types to evaluate. Both sides are quantized. Single precision is always evaluated; the default is single precision alone.
    /// </summary>
    public IReadOnlyList<EmbeddingType> Types { get; init; } = [EmbeddingType.Single];

    /// <exception cref="ArgumentException">An option is invalid; the message lists all that are.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(TypedEvaluation.Problems(Types), nameof(SimilarityOptions), parameterName);
}
