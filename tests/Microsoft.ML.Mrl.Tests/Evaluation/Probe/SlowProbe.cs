using Microsoft.ML.Mrl.Evaluation.Probe;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation.Probe;

/// <summary>Ridge regression on one-hot classes by the normal equations of one prefix, solved by elimination, refitted for every row left
/// out.</summary>
internal static class SlowProbe
{
    public static double Accuracy(
        EmbeddingMatrix rows, int[] labels, EmbeddingMatrix reference, int[] referenceLabels, int classes, int m, double penalty,
        bool leaveOneOut)
    {
        double[][] units = [.. Enumerable.Range(0, reference.Count).Select(i => Unit(reference.Row(i)))];
        double lambda = Lambda(units, penalty);
        int right = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int[] used = [.. Enumerable.Range(0, reference.Count).Where(j => !leaveOneOut || j != i)];
            if (!used.Any(j => referenceLabels[j] == labels[i]))
            {
                continue;
            }
            double[] scores = Scores(
                [.. used.Select(j => units[j])], [.. used.Select(j => referenceLabels[j])], classes, m, lambda, Unit(rows.Row(i)));
            // A class that no row was fitted to cannot win, and scores this near are equal.
            bool[] isThere = [.. Enumerable.Range(0, classes).Select(c => referenceLabels.Contains(c))];
            double best = scores.Where((_, c) => isThere[c]).Max();
            int winner = Enumerable.Range(0, classes).First(c => isThere[c] && scores[c] >= best - LinearProbe.Tie);
            right += winner == labels[i] ? 1 : 0;
        }
        return (double)right / rows.Count;
    }

    /// <summary>The scores at m of a row, by a fit to all reference rows.</summary>
    public static double[] Scores(EmbeddingMatrix reference, int[] labels, int classes, int m, double penalty, ReadOnlySpan<float> row)
    {
        double[][] units = [.. Enumerable.Range(0, reference.Count).Select(i => Unit(reference.Row(i)))];
        return Scores(units, labels, classes, m, Lambda(units, penalty), Unit(row));
    }

    private static double[] Scores(double[][] units, int[] labels, int classes, int m, double lambda, double[] row)
    {
        double[] mean = Mean(units);
        var gram = new double[m, m];
        var sums = new double[m, classes];
        double[] shares = [.. Enumerable.Range(0, classes).Select(c => (double)labels.Count(label => label == c) / labels.Length)];
        for (int j = 0; j < units.Length; j++)
        {
            for (int a = 0; a < m; a++)
            {
                for (int b = 0; b < m; b++)
                {
                    gram[a, b] += (units[j][a] - mean[a]) * (units[j][b] - mean[b]);
                }
                for (int c = 0; c < classes; c++)
                {
                    sums[a, c] += (units[j][a] - mean[a]) * ((labels[j] == c ? 1 : 0) - shares[c]);
                }
            }
        }
        for (int a = 0; a < m; a++)
        {
            gram[a, a] += lambda;
        }
        Eliminate(gram, sums, m, classes);
        return [.. Enumerable.Range(0, classes).Select(c => shares[c] + Enumerable.Range(0, m).Sum(a => (row[a] - mean[a]) * sums[a, c]))];
    }

    // Gauss and Jordan with the greatest pivot.
    private static void Eliminate(double[,] a, double[,] b, int n, int columns)
    {
        for (int k = 0; k < n; k++)
        {
            int pivot = Enumerable.Range(k, n - k).MaxBy(i => Math.Abs(a[i, k]));
            for (int j = 0; j < n; j++)
            {
                (a[k, j], a[pivot, j]) = (a[pivot, j], a[k, j]);
            }
            for (int j = 0; j < columns; j++)
            {
                (b[k, j], b[pivot, j]) = (b[pivot, j], b[k, j]);
            }
            for (int i = 0; i < n; i++)
            {
                double factor = i == k ? 0 : a[i, k] / a[k, k];
                for (int j = 0; j < n && factor != 0; j++)
                {
                    a[i, j] -= factor * a[k, j];
                }
                for (int j = 0; j < columns && factor != 0; j++)
                {
                    b[i, j] -= factor * b[k, j];
                }
            }
        }
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                b[i, j] /= a[i, i];
            }
        }
    }

    private static double Lambda(double[][] units, double penalty)
    {
        double[] mean = Mean(units);
        double trace = units.Sum(row => row.Zip(mean, (x, y) => (x - y) * (x - y)).Sum());
        return trace > LinearProbe.Alike * units.Length ? penalty * trace / mean.Length : 1;
    }

    private static double[] Mean(double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Average(row => row[c]))];

    private static double[] Unit(ReadOnlySpan<float> x)
    {
        double[] values = [.. x.ToArray().Select(v => (double)v)];
        double length = Math.Max(Math.Sqrt(values.Sum(v => v * v)), 1e-12);
        return [.. values.Select(v => v / length)];
    }
}
