using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl;

/// <summary>The unit-length centroids of the classes at every dimension, and the nearest of them to a vector.</summary>
internal sealed class NestedCentroids
{
    private readonly float[][] _centroids;

    /// <param name="dimensions">M prefix lengths.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="centroids">For each dimension m the centroids, <c>[C, m]</c>, of unit length or zeros.</param>
    public NestedCentroids(MatryoshkaDimensions dimensions, int classes, float[][] centroids)
    {
        Dimensions = dimensions;
        Classes = classes;
        _centroids = centroids;
    }

    public MatryoshkaDimensions Dimensions { get; }

    public int Classes { get; }

    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, 0 to C - 1; each has a row.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    public static NestedCentroids Fit(EmbeddingMatrix rows, int[] labels, int classes, MatryoshkaDimensions dimensions)
    {
        var sums = new ClassCentroids(rows, labels, classes, dimensions, new ParallelOptions());
        var centroids = new float[dimensions.Count][];
        for (int i = 0; i < centroids.Length; i++)
        {
            centroids[i] = sums.At(i).Values.ToArray();
            for (int c = 0; c < classes; c++)
            {
                Span<float> row = centroids[i].AsSpan(c * dimensions[i], dimensions[i]);
                UnitLength.Write(row, row);
            }
        }
        return new NestedCentroids(dimensions, classes, centroids);
    }

    /// <summary>The centroids at a dimension, <c>[C, m]</c>.</summary>
    public ReadOnlySpan<float> At(int dimension) => _centroids[dimension];

    /// <summary>The class whose centroid is nearest at a dimension, the first of equal ones, and by how much its cosine is above the next.</summary>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="vector">The vector, at least as long as the dimension.</param>
    /// <param name="cosines">Room for the C cosines, or empty.</param>
    public (int Class, float Margin) Nearest(int dimension, ReadOnlySpan<float> vector, Span<float> cosines = default)
    {
        int width = Dimensions[dimension];
        ReadOnlySpan<float> prefix = vector[..width];
        double length = Math.Sqrt(PrefixNorms.Dot(prefix, prefix));
        Span<float> unit = width <= 1024 ? stackalloc float[width] : new float[width];
        for (int c = 0; c < width; c++)
        {
            unit[c] = (float)(prefix[c] / Math.Max(length, PrefixNorms.Smallest));
        }
        float best = float.NegativeInfinity, second = float.NegativeInfinity;
        int winner = 0;
        for (int c = 0; c < Classes; c++)
        {
            float cosine = TensorPrimitives.Dot<float>(unit, _centroids[dimension].AsSpan(c * width, width));
            if (!cosines.IsEmpty)
            {
                cosines[c] = cosine;
            }
            if (cosine > best)
            {
                (second, best, winner) = (best, cosine, c);
            }
            else if (cosine > second)
            {
                second = cosine;
            }
        }
        return (winner, Math.Min(best - second, 2));
    }
}
