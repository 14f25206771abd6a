using System.Numerics.Tensors;
using Microsoft.Extensions.VectorData;

namespace Microsoft.ML.Mrl.Extensions.VectorData;

/// <summary>Scores full vectors by a distance function.</summary>
/// <param name="function">The name of the distance function.</param>
internal sealed class FullScore(string function)
{
    /// <summary>Gets a value indicating whether a higher score is better.</summary>
    public bool HigherIsBetter { get; } = function switch
    {
        DistanceFunction.CosineSimilarity or DistanceFunction.DotProductSimilarity => true,
        DistanceFunction.CosineDistance or DistanceFunction.NegativeDotProductSimilarity or DistanceFunction.EuclideanDistance
            or DistanceFunction.EuclideanSquaredDistance => false,
        _ => throw new NotSupportedException(
            $"Candidates cannot be ranked by the distance function '{function}'. Choose a cosine, "
            + "dot product or Euclidean one in the options."),
    };

    /// <summary>Returns the score of a vector for a query; the cosine with a zero vector is 0.</summary>
    public double Of(ReadOnlySpan<float> query, ReadOnlySpan<float> vector) => function switch
    {
        DistanceFunction.CosineSimilarity => Cosine(query, vector),
        DistanceFunction.CosineDistance => 1 - Cosine(query, vector),
        DistanceFunction.DotProductSimilarity => TensorPrimitives.Dot(query, vector),
        DistanceFunction.NegativeDotProductSimilarity => -TensorPrimitives.Dot(query, vector),
        DistanceFunction.EuclideanDistance => TensorPrimitives.Distance(query, vector),
        _ => SquaredDistance(query, vector),
    };

    private static double Cosine(ReadOnlySpan<float> query, ReadOnlySpan<float> vector)
    {
        float cosine = TensorPrimitives.CosineSimilarity(query, vector);
        return float.IsNaN(cosine) ? 0 : cosine;
    }

    private static double SquaredDistance(ReadOnlySpan<float> query, ReadOnlySpan<float> vector)
    {
        double distance = TensorPrimitives.Distance(query, vector);
        return distance * distance;
    }
}
