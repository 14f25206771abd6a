using System.Globalization;
using Microsoft.ML.Mrl.Evaluation.Probe;
using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Computes the accuracy of nearest centroids and nearest neighbours at every dimension, in one pass over the rows.</summary>
internal static class ClassificationEvaluation
{
    public const string Task = ReportTasks.Classification;
    public const string NearestCentroid = "NearestCentroid";
    public const string LinearProbe = "LinearProbe";

    private const int RowsAtOnce = 256;

    /// <summary>Returns the name of the nearest-neighbour accuracy: <c>1-NN</c> for one neighbour.</summary>
    public static string NearestNeighbors(int neighbors) => string.Create(CultureInfo.InvariantCulture, $"{neighbors}-NN");

    /// <summary>Classifies rows by reference rows.</summary>
    /// <param name="rows">The rows to classify, <c>[N, D]</c>.</param>
    /// <param name="labels">
    /// Their classes, N values from 0 to <paramref name="classes"/> - 1; one that no reference row has counts as wrong.
    /// </param>
    /// <param name="reference">The rows to classify by, <c>[R, D]</c>.</param>
    /// <param name="referenceLabels">Their classes, R values.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="neighbors">
    /// Neighbours that vote, at least 1. Of classes with equally many votes the one with the nearest neighbour wins.
    /// </param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit. The result is the same.</param>
    public static DimensionReport Evaluate(
        EmbeddingMatrix rows,
        int[] labels,
        EmbeddingMatrix reference,
        int[] referenceLabels,
        int classes,
        MatryoshkaDimensions dimensions,
        int neighbors = 1,
        int threads = -1)
        => Evaluate(
            rows, labels, reference, referenceLabels, classes, dimensions, new ClassificationOptions { Neighbors = [neighbors] }, threads);

    /// <summary>Classifies rows by reference rows, as the options say; the first number of neighbours makes the primary metric.</summary>
    public static DimensionReport Evaluate(
        EmbeddingMatrix rows,
        int[] labels,
        EmbeddingMatrix reference,
        int[] referenceLabels,
        int classes,
        MatryoshkaDimensions dimensions,
        ClassificationOptions options,
        int threads = -1)
        => Run(rows, labels, reference, referenceLabels, classes, dimensions, options, threads, leaveOneOut: false);

    /// <summary>
    /// Classifies each row by all others: a row is not its own neighbour and is taken out of its class's centroid. The only row of a class
    /// cannot be classified rightly and counts as wrong.
    /// </summary>
    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, N values from 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="neighbors">Neighbours that vote, at least 1.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit. The result is the same.</param>
    public static DimensionReport EvaluateLeaveOneOut(
        EmbeddingMatrix rows, int[] labels, int classes, MatryoshkaDimensions dimensions, int neighbors = 1, int threads = -1)
        => EvaluateLeaveOneOut(rows, labels, classes, dimensions, new ClassificationOptions { Neighbors = [neighbors] }, threads);

    /// <summary>Classifies each row by all others, as the options say; the first number of neighbours makes the primary metric.</summary>
    public static DimensionReport EvaluateLeaveOneOut(
        EmbeddingMatrix rows, int[] labels, int classes, MatryoshkaDimensions dimensions, ClassificationOptions options, int threads = -1)
        => Run(rows, labels, rows, labels, classes, dimensions, options, threads, leaveOneOut: true);

    private static DimensionReport Run(
        EmbeddingMatrix rows,
        int[] labels,
        EmbeddingMatrix reference,
        int[] referenceLabels,
        int classes,
        MatryoshkaDimensions dimensions,
        ClassificationOptions options,
        int threads,
        bool leaveOneOut)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        var centroids = new ClassCentroids(reference, referenceLabels, classes, dimensions, parallel);
        LinearProbe? probe = options.ProbeL2Regularization is { } penalty
            ? new LinearProbe(reference, referenceLabels, classes, dimensions, penalty, parallel)
            : null;
        string[] metrics =
        [
            NearestCentroid,
            .. options.Neighbors.Select(NearestNeighbors),
            .. probe is null ? (string[])[] : [LinearProbe],
        ];
        var tally = new AccuracyTally(metrics, primary: 1, dimensions.Count, rows.Count);
        int most = Math.Min(options.Neighbors.Max(), reference.Count);
        int chunk = QueryChunks.Size(dimensions.Count, most);
        for (int first = 0; first < rows.Count; first += chunk)
        {
            EmbeddingMatrix part = rows.Slice(first, Math.Min(chunk, rows.Count - first));
            int[] partLabels = labels[first..(first + part.Count)];

            var found = new TopNeighbors(dimensions.Count, part.Count, most, leaveOneOut ? [.. Enumerable.Range(first, part.Count)] : null);
            using PackedRows packed = PrefixDotProducts.Pack(part, dimensions, threads);
            PrefixDotProducts.Scan(packed, [.. dimensions], firstDimension: 0, reference, found, threads);
            bool[][]? probed = probe?.Classify(part, partLabels, leaveOneOut, parallel);
            var right = new bool[part.Count];
            for (int i = 0; i < dimensions.Count; i++)
            {
                FindNearestCentroids(centroids, i, packed, dimensions[i], part, partLabels, leaveOneOut, threads, right);
                tally.Add(0, i, first, right);
                bool[][] voted = CountVotes(found, i, partLabels, referenceLabels, classes, options.Neighbors, parallel);
                for (int k = 0; k < voted.Length; k++)
                {
                    tally.Add(1 + k, i, first, voted[k]);
                }
                if (probed is not null)
                {
                    tally.Add(metrics.Length - 1, i, first, probed[i]);
                }
            }
        }
        return new DimensionReport(
            Task,
            metrics,
            NearestNeighbors(options.Neighbors[0]),
            dimensions,
            tally.Means(),
            rows.Width,
            rows.Count,
            resampled: tally.Rows.ToMetrics());
    }

    private static void FindNearestCentroids(
        ClassCentroids centroids,
        int dimension,
        PackedRows packed,
        int prefix,
        EmbeddingMatrix rows,
        int[] labels,
        bool leaveOneOut,
        int threads,
        bool[] right)
    {
        int[]? own = leaveOneOut ? [.. labels.Select(centroids.PositionOf)] : null;
        var found = new TopNeighbors(1, rows.Count, 1, own);
        PrefixDotProducts.Scan(packed, [prefix], dimension, centroids.At(dimension), found, threads);
        Span<int> nearest = stackalloc int[1];
        Span<float> cosine = stackalloc float[1];
        for (int i = 0; i < rows.Count; i++)
        {
            int count = found.Ranked(0, i, nearest, cosine);
            if (own is null)
            {
                right[i] = count > 0 && centroids.Classes[nearest[0]] == labels[i];
                continue;
            }
            right[i] = false;
            if (centroids.Members[labels[i]] > 1)
            {
                float ownCosine = centroids.CosineWithOthers(dimension, rows.Row(i), labels[i]);
                right[i] = count == 0 || ownCosine > cosine[0] || (ownCosine == cosine[0] && own[i] < nearest[0]);
            }
        }
    }

    /// <summary>
    /// Determines which rows are classified correctly by the majority of their neighbours, for each number of neighbours.
    /// </summary>
    private static bool[][] CountVotes(
        TopNeighbors found,
        int dimension,
        int[] labels,
        int[] referenceLabels,
        int classes,
        IReadOnlyList<int> neighbors,
        ParallelOptions parallel)
    {
        bool[][] right = [.. neighbors.Select(_ => new bool[labels.Length])];
        Parallel.For(0, (labels.Length + RowsAtOnce - 1) / RowsAtOnce, parallel, group =>
        {
            var nearest = new int[found.Neighbors];
            var votes = new int[classes];
            for (int i = group * RowsAtOnce; i < Math.Min((group + 1) * RowsAtOnce, labels.Length); i++)
            {
                int count = found.Ranked(dimension, i, nearest);
                for (int k = 0; k < right.Length; k++)
                {
                    ReadOnlySpan<int> voters = nearest.AsSpan(0, Math.Min(neighbors[k], count));
                    right[k][i] = count > 0 && Vote(voters, referenceLabels, votes) == labels[i];
                }
            }
        });
        return right;
    }

    // Neighbours come nearest first, so the first class to reach the highest number of votes is not what counts, but whose first vote is
    // nearest.
    private static int Vote(ReadOnlySpan<int> nearest, int[] labels, int[] votes)
    {
        int most = 0, winner = -1;
        foreach (int neighbor in nearest)
        {
            most = Math.Max(most, ++votes[labels[neighbor]]);
        }
        foreach (int neighbor in nearest)
        {
            winner = winner < 0 && votes[labels[neighbor]] == most ? labels[neighbor] : winner;
        }
        foreach (int neighbor in nearest)
        {
            votes[labels[neighbor]] = 0;
        }
        return winner;
    }
}
