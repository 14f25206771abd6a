using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>
/// Represents the sums of the unit-length prefixes of each class, at every dimension. The centroid at m is the mean of n(x[:m]), whose
/// lengths differ from dimension to dimension, so no centroid is the prefix of another; they are all summed in one pass over the rows.
/// </summary>
internal sealed class ClassCentroids
{
    private readonly EmbeddingMatrix[] _sums;
    private readonly int[] _positions;

    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, N values from 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">The number of classes C; those without a row have no centroid.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="parallel">The limit of threads.</param>
    public ClassCentroids(EmbeddingMatrix rows, int[] labels, int classes, MatryoshkaDimensions dimensions, ParallelOptions parallel)
    {
        Members = new int[classes];
        foreach (int label in labels)
        {
            Members[label]++;
        }
        _positions = new int[classes];
        Classes = [.. Enumerable.Range(0, classes).Where(c => Members[c] > 0)];
        Array.Fill(_positions, -1);
        for (int i = 0; i < Classes.Length; i++)
        {
            _positions[Classes[i]] = i;
        }

        var sums = new float[dimensions.Count][];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = new float[checked(Classes.Length * dimensions[i])];
        }
        int[] byClass = [.. Enumerable.Range(0, rows.Count)];
        Array.Sort((int[])[.. labels], byClass);
        int[] firsts = FirstOfEach(Members);
        int[] prefixes = [.. dimensions];

        // A class is one task and adds its rows in their order, so that the sums do not depend on the number of threads.
        Parallel.For(0, Classes.Length, parallel, position =>
        {
            int label = Classes[position];
            Span<int> members = byClass.AsSpan(firsts[label], Members[label]);
            members.Sort();
            Sum(rows, members, prefixes, sums, position);
        });
        _sums = [.. sums.Select((values, i) => new EmbeddingMatrix(values, Classes.Length, dimensions[i]))];
    }

    /// <summary>The classes that have a centroid, ascending.</summary>
    public int[] Classes { get; }

    /// <summary>The rows of each class, C values.</summary>
    public int[] Members { get; }

    /// <summary>Returns the row of a class among the centroids, or -1.</summary>
    public int PositionOf(int label) => _positions[label];

    /// <summary>Gets the sums at a dimension, <c>[classes with a row, m]</c>. Sums and means have the same cosines.</summary>
    public EmbeddingMatrix At(int dimension) => _sums[dimension];

    /// <summary>Returns the cosine of a row with the centroid of its class's other rows.</summary>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="row">The row x, <c>[D]</c>, one of those that were summed.</param>
    /// <param name="label">Its class, with at least one other row.</param>
    public float CosineWithOthers(int dimension, ReadOnlySpan<float> row, int label)
    {
        ReadOnlySpan<float> sum = _sums[dimension].Row(_positions[label]);
        ReadOnlySpan<float> prefix = row[..sum.Length];
        double length = Math.Max(Math.Sqrt(PrefixNorms.Dot(prefix, prefix)), PrefixNorms.Smallest);
        double dot = 0, others = 0;
        for (int c = 0; c < sum.Length; c++)
        {
            double own = prefix[c] / length;
            double other = sum[c] - own;
            dot += own * other;
            others += other * other;
        }
        return (float)(dot / Math.Max(Math.Sqrt(others), PrefixNorms.Smallest));
    }

    private static void Sum(EmbeddingMatrix rows, ReadOnlySpan<int> members, int[] prefixes, float[][] sums, int position)
    {
        // Divided and added up in double precision: unit vectors that cancel must leave nothing, and a class may have very many rows.
        double[][] totals = [.. prefixes.Select(m => new double[m])];
        foreach (int member in members)
        {
            ReadOnlySpan<float> row = rows.Row(member);
            double squares = 0;
            int from = 0;
            for (int i = 0; i < prefixes.Length; i++)
            {
                squares += PrefixNorms.Dot(row[from..prefixes[i]], row[from..prefixes[i]]);
                from = prefixes[i];
                WideSums.Add(row[..from], Math.Max(Math.Sqrt(squares), PrefixNorms.Smallest), totals[i]);
            }
        }
        for (int i = 0; i < prefixes.Length; i++)
        {
            Span<float> target = sums[i].AsSpan(position * prefixes[i], prefixes[i]);
            for (int c = 0; c < target.Length; c++)
            {
                target[c] = (float)totals[i][c];
            }
        }
    }

    private static int[] FirstOfEach(int[] counts)
    {
        var firsts = new int[counts.Length];
        for (int i = 1; i < counts.Length; i++)
        {
            firsts[i] = firsts[i - 1] + counts[i - 1];
        }
        return firsts;
    }
}
