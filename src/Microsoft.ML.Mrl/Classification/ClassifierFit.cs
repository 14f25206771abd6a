using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Evaluation.Probe;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>Fits the classifier of each dimension to rows cut there and rescaled to unit length.</summary>
internal static class ClassifierFit
{
    /// <param name="kind">Which classifier.</param>
    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, 0 to C - 1; each has a row.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="penalty">α, for those that have one.</param>
    public static NestedClassifiers Fit(AdaptiveClassifierKind kind, EmbeddingMatrix rows, int[] labels, int classes,
        MatryoshkaDimensions dimensions, double penalty)
    {
        var weights = new float[dimensions.Count][];
        var biases = new float[dimensions.Count][];
        if (kind == AdaptiveClassifierKind.NearestCentroid)
        {
            Centroids(rows, labels, classes, dimensions, weights, biases);
            return new NestedClassifiers(kind, dimensions, weights, biases);
        }
        // A factor for each dimension: rows of unit length at m are no prefix of those of unit length at D.
        Parallel.For(0, weights.Length, i =>
        {
            int at = weights.Length - 1 - i;
            EmbeddingMatrix cut = rows.Cut(dimensions[at]);
            (weights[at], biases[at]) = kind == AdaptiveClassifierKind.Ridge
                ? new LinearProbe(cut, labels, classes, [dimensions[at]], penalty, new ParallelOptions()).Coefficients()
                : LogisticFit.Fit(cut, labels, classes, penalty);
        });
        return new NestedClassifiers(kind, dimensions, weights, biases);
    }

    private static void Centroids(EmbeddingMatrix rows, int[] labels, int classes, MatryoshkaDimensions dimensions, float[][] weights,
        float[][] biases)
    {
        var sums = new ClassCentroids(rows, labels, classes, dimensions, new ParallelOptions());
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = sums.At(i).Values.ToArray();
            biases[i] = new float[classes];
            for (int c = 0; c < classes; c++)
            {
                Span<float> row = weights[i].AsSpan(c * dimensions[i], dimensions[i]);
                UnitLength.Write(row, row);
            }
        }
    }
}
