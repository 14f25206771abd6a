using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>Nearest-centroid and nearest-neighbour accuracy at every dimension, from one pass over the rows.</summary>
internal static class ClassificationEvaluation
{
    public const string Task = "classification";
    public const string NearestCentroid = "NearestCentroid";

    /// <summary>The name of the nearest-neighbour accuracy: <c>1-NN</c> for one neighbour.</summary>
    public static string NearestNeighbors(int neighbors) => string.Create(CultureInfo.InvariantCulture, $"{neighbors}-NN");

    /// <summary>Classifies rows by reference rows.</summary>
    /// <param name="rows">The rows to classify, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, N values from 0 to <paramref name="classes"/> - 1; one that no reference row has counts as wrong.</param>
    /// <param name="reference">The rows to classify by, <c>[R, D]</c>.</param>
    /// <param name="referenceLabels">Their classes, R values.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="neighbors">
    /// Neighbours that vote, at least 1. Of classes with equally many votes the one with the nearest neighbour wins.
    /// </param>
    /// <param name="threads">The most threads to use; -1 for no limit. The result is the same.</param>
    /// <param name="accuracies">Filled, where given, with the mean of the two accuracies of each row: 0, ½ or 1.</param>
    public static DimensionReport Evaluate(
        EmbeddingMatrix rows,
        int[] labels,
        EmbeddingMatrix reference,
        int[] referenceLabels,
        int classes,
        MatryoshkaDimensions dimensions,
        int neighbors = 1,
        int threads = -1,
        RowValues? accuracies = null)
        => Run(rows, labels, reference, referenceLabels, classes, dimensions, neighbors, threads, leaveOneOut: false, accuracies);

    /// <summary>
    /// Classifies each row by all others: a row is not its own neighbour and is taken out of its class's centroid. The only row of
    /// a class cannot be classified rightly and counts as wrong.
    /// </summary>
    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, N values from 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="neighbors">Neighbours that vote, at least 1.</param>
    /// <param name="threads">The most threads to use; -1 for no limit. The result is the same.</param>
    public static DimensionReport EvaluateLeaveOneOut(
        EmbeddingMatrix rows, int[] labels, int classes, MatryoshkaDimensions dimensions, int neighbors = 1, int threads = -1)
        => Run(rows, labels, rows, labels, classes, dimensions, neighbors, threads, leaveOneOut: true, accuracies: null);

    private static DimensionReport Run(
        EmbeddingMatrix rows,
        int[] labels,
        EmbeddingMatrix reference,
        int[] referenceLabels,
        int classes,
        MatryoshkaDimensions dimensions,
        int neighbors,
        int threads,
        bool leaveOneOut,
        RowValues? accuracies)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        var centroids = new ClassCentroids(reference, referenceLabels, classes, dimensions, parallel);
        var byCentroid = new int[dimensions.Count];
        var byNeighbor = new int[dimensions.Count];
        neighbors = Math.Min(neighbors, reference.Count);
        int chunk = QueryChunks.Size(dimensions.Count, neighbors);
        for (int first = 0; first < rows.Count; first += chunk)
        {
            EmbeddingMatrix part = rows.Slice(first, Math.Min(chunk, rows.Count - first));
            ReadOnlySpan<int> partLabels = labels.AsSpan(first, part.Count);

            var found = new TopNeighbors(dimensions.Count, part.Count, neighbors, leaveOneOut ? [.. Enumerable.Range(first, part.Count)] : null);
            PrefixDotProducts.Scan(part, reference, dimensions, found, threads);
            for (int i = 0; i < dimensions.Count; i++)
            {
                Span<double> shares = accuracies is null ? [] : accuracies.At(i)[first..];
                byNeighbor[i] += CountVotes(found, i, partLabels, referenceLabels, shares);
                byCentroid[i] += CountNearestCentroids(centroids, i, dimensions[i], part, partLabels, leaveOneOut, threads, shares);
            }
        }
        return new DimensionReport(
            Task,
            [NearestCentroid, NearestNeighbors(neighbors)],
            NearestNeighbors(neighbors),
            dimensions,
            [.. dimensions.Select((_, i) => (double[])[(double)byCentroid[i] / rows.Count, (double)byNeighbor[i] / rows.Count])],
            rows.Width,
            rows.Count);
    }

    private static int CountNearestCentroids(
        ClassCentroids centroids, int dimension, int prefix, EmbeddingMatrix rows, ReadOnlySpan<int> labels, bool leaveOneOut, int threads, Span<double> shares)
    {
        int[]? own = leaveOneOut ? [.. labels.ToArray().Select(centroids.PositionOf)] : null;
        var found = new TopNeighbors(1, rows.Count, 1, own);
        PrefixDotProducts.Scan(rows, centroids.At(dimension), new MatryoshkaDimensions(prefix), found, threads);
        int right = 0;
        Span<int> nearest = stackalloc int[1];
        Span<float> cosine = stackalloc float[1];
        for (int i = 0; i < rows.Count; i++)
        {
            int count = found.Ranked(0, i, nearest, cosine);
            bool isRight = false;
            if (own is null)
            {
                isRight = count > 0 && centroids.Classes[nearest[0]] == labels[i];
            }
            else if (centroids.Members[labels[i]] > 1)
            {
                float ownCosine = centroids.CosineWithOthers(dimension, rows.Row(i), labels[i]);
                isRight = count == 0 || ownCosine > cosine[0] || (ownCosine == cosine[0] && own[i] < nearest[0]);
            }
            right += Count(isRight, i, shares);
        }
        return right;
    }

    private static int CountVotes(TopNeighbors found, int dimension, ReadOnlySpan<int> labels, int[] referenceLabels, Span<double> shares)
    {
        int right = 0;
        var nearest = new int[found.Neighbors];
        for (int i = 0; i < labels.Length; i++)
        {
            int count = found.Ranked(dimension, i, nearest);
            right += Count(count > 0 && Vote(nearest.AsSpan(0, count), referenceLabels) == labels[i], i, shares);
        }
        return right;
    }

    private static int Count(bool isRight, int row, Span<double> shares)
    {
        if (isRight && !shares.IsEmpty)
        {
            shares[row] += 0.5;
        }
        return isRight ? 1 : 0;
    }

    // Neighbours come nearest first, so the first class to reach the highest number of votes is not what counts, but whose first vote is nearest.
    private static int Vote(ReadOnlySpan<int> nearest, int[] labels)
    {
        int winner = labels[nearest[0]], most = 0;
        foreach (int candidate in nearest)
        {
            int votes = 0;
            foreach (int other in nearest)
            {
                votes += labels[other] == labels[candidate] ? 1 : 0;
            }
            if (votes > most)
            {
                (winner, most) = (labels[candidate], votes);
            }
        }
        return winner;
    }
}
