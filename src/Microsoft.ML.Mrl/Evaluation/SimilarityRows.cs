using System.Globalization;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>What a similarity is evaluated on.</summary>
/// <param name="Left">One side of the pairs, <c>[N, D]</c>.</param>
/// <param name="Right">The other side, <c>[N, D]</c>.</param>
/// <param name="Scores">N scores.</param>
/// <param name="Dimensions">The dimensions to evaluate at.</param>
/// <param name="Unscored">The pairs without a score, which were left out.</param>
internal sealed record SimilarityRows(EmbeddingMatrix Left, EmbeddingMatrix Right, float[] Scores, MatryoshkaDimensions Dimensions, int Unscored)
{
    /// <summary>Evaluates these pairs with other vectors, such as quantized ones.</summary>
    public DimensionReport Evaluate(EmbeddingMatrix left, EmbeddingMatrix right, MatryoshkaDimensions dimensions)
        => SimilarityEvaluation.Evaluate(left, right, Scores, dimensions).WithSkipped(Unscored, string.Create(CultureInfo.InvariantCulture, $"{Unscored} without a score"));
}
