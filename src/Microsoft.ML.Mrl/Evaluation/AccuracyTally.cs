using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Counts the rows that each metric gets right at each dimension, and keeps which ones those are.</summary>
/// <param name="metrics">The K metrics.</param>
/// <param name="primary">The position of the primary one.</param>
/// <param name="dimensions">The number of dimensions M.</param>
/// <param name="rows">The number of rows N.</param>
internal sealed class AccuracyTally(string[] metrics, int primary, int dimensions, int rows)
{
    private readonly long[,] _right = new long[dimensions, metrics.Length];

    /// <summary>Gets the rows themselves.</summary>
    public KeptRows Rows { get; } = new(metrics, primary, dimensions, rows);

    /// <summary>Adds which of some rows are right.</summary>
    /// <param name="metric">The metric's position.</param>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="first">The first row.</param>
    /// <param name="right">Whether it and those that follow it are right.</param>
    public void Add(int metric, int dimension, int first, ReadOnlySpan<bool> right)
    {
        Span<float> kept = Rows.At(metric, dimension);
        for (int i = 0; i < right.Length; i++)
        {
            if (!right[i])
            {
                continue;
            }
            _right[dimension, metric]++;
            if (!kept.IsEmpty)
            {
                kept[first + i] = 1;
            }
        }
    }

    /// <summary>Returns the accuracies, <c>[M][K]</c>.</summary>
    public double[][] Means()
        => [.. Enumerable.Range(0, dimensions).Select(i => (double[])[.. metrics.Select((_, k) => (double)_right[i, k] / rows)])];
}
