using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Mrl.Vectors.Decomposition;

namespace Microsoft.ML.Mrl.Evaluation.Probe;

/// <summary>
/// Fits ridge regression on one-hot classes, one against the rest, in closed form and for all prefixes at once. The formula is documented
/// at <see cref="ClassificationOptions.ProbeL2Regularization"/>. The Gram matrix of a prefix is the leading corner of that of the full
/// width, and the Cholesky factor of a leading corner is the leading corner of the factor. So u = L⁻¹(z − μ) and V = L⁻¹ZᵀY hold the
/// answers of all prefixes: the scores at m are ȳ + Σ_{j ≤ m} u_j V_j.
/// </summary>
/// <remarks>
/// All in double precision, each sum in an order that does not depend on the number of threads.
/// </remarks>
internal sealed class LinearProbe
{
    /// <summary>Scores this near to the greatest are equal: what rounding makes of equal ones.</summary>
    public const double Tie = 1e-9;

    /// <summary>
    /// Unit-length rows whose mean squared distance from their mean is no more than this count as equal, since single precision cannot
    /// distinguish them.
    /// </summary>
    public const double Alike = 1e-14;

    private const int RowsAtOnce = 8;

    private readonly int[] _prefixes;
    private readonly int _classes;
    private readonly int _count;
    private readonly int[] _members;
    private readonly double[] _mean;
    private readonly double[] _shares;
    private readonly LowerTriangle _factor;

    // V, [m, C].
    private readonly double[] _weights;

    /// <param name="rows">The rows to fit to, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, N values from 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">The number of classes C; one without a row has score 0 and never wins.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="regularization">α, above 0.</param>
    /// <param name="parallel">The limit of threads.</param>
    public LinearProbe(
        EmbeddingMatrix rows, int[] labels, int classes, MatryoshkaDimensions dimensions, double regularization, ParallelOptions parallel)
    {
        _prefixes = [.. dimensions];
        _classes = classes;
        _count = rows.Count;
        int width = dimensions.Largest;
        var centered = new CenteredRows(rows);
        _mean = centered.Mean;
        _members = new int[classes];
        foreach (int label in labels)
        {
            _members[label]++;
        }
        _shares = [.. _members.Select(members => (double)members / rows.Count)];

        _factor = centered.Gram(width, parallel);
        double squares = centered.SquaredLengths();
        // Rows that are all alike have nothing to regularize; any amount leaves their scores at the shares of the classes.
        _factor.AddToDiagonal(squares > Alike * rows.Count ? regularization * squares / rows.Width : 1);
        _factor.Factorize();
        _weights = centered.ClassSums(labels, classes, width);
        _factor.Solve(_weights, classes);
    }

    /// <summary>Determines whether each row's class gets the greatest score, <c>[M][rows]</c>.</summary>
    /// <param name="rows">The rows to classify.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="leaveOneOut">Whether they are among the rows fitted to and must be left out of the fit, each in its turn.</param>
    /// <param name="parallel">The limit of threads.</param>
    public bool[][] Classify(EmbeddingMatrix rows, int[] labels, bool leaveOneOut, ParallelOptions parallel)
    {
        var right = _prefixes.Select(_ => new bool[rows.Count]).ToArray();
        int width = _prefixes[^1];
        Parallel.For(0, (rows.Count + RowsAtOnce - 1) / RowsAtOnce, parallel, part =>
        {
            int first = part * RowsAtOnce, last = Math.Min(first + RowsAtOnce, rows.Count);
            var whitened = new double[RowsAtOnce][];
            for (int i = first; i < last; i++)
            {
                whitened[i - first] = CenteredRows.Center(rows.Row(i), _mean, width);
            }
            _factor.Solve(whitened.AsSpan(0, last - first));
            for (int i = first; i < last; i++)
            {
                Classify(whitened[i - first], i, labels[i], leaveOneOut, right);
            }
        });
        return right;
    }

    /// <summary>
    /// Returns the answers at the largest prefix m as weights <c>[C, m]</c> and biases <c>[C]</c> for rows of unit length at the full
    /// width: W = L⁻ᵀV, and ȳ − μW.
    /// </summary>
    public (float[] Weights, float[] Biases) Coefficients()
    {
        int width = _prefixes[^1];
        double[] solved = [.. _weights];
        _factor.SolveTransposed(solved, _classes);
        var weights = new float[_classes * width];
        var biases = new float[_classes];
        for (int c = 0; c < _classes; c++)
        {
            double bias = _shares[c];
            for (int j = 0; j < width; j++)
            {
                double weight = solved[(j * _classes) + c];
                weights[(c * width) + j] = (float)weight;
                bias -= _mean[j] * weight;
            }
            biases[c] = (float)bias;
        }
        return (weights, biases);
    }

    private void Classify(double[] whitened, int row, int label, bool leaveOneOut, bool[][] right)
    {
        double[] scores = [.. _shares];
        var left = new double[_classes];
        double leverage = 1.0 / _count;
        int column = 0;
        for (int i = 0; i < _prefixes.Length; i++)
        {
            for (; column < _prefixes[i]; column++)
            {
                double value = whitened[column];
                leverage += value * value;
                ReadOnlySpan<double> weights = _weights.AsSpan(column * _classes, _classes);
                TensorPrimitives.MultiplyAdd(weights, value, scores, scores);
            }
            if (!leaveOneOut)
            {
                right[i][row] = _members[label] > 0 && Winner(scores) == label;
                continue;
            }
            for (int c = 0; c < _classes; c++)
            {
                double wanted = c == label ? 1 : 0;
                left[c] = scores[c] - ((wanted - scores[c]) * leverage / (1 - leverage));
            }
            right[i][row] = _members[label] > 1 && Winner(left) == label;
        }
    }

    // A class without a row to fit to cannot win.
    private int Winner(double[] scores)
    {
        double best = double.NegativeInfinity;
        for (int c = 0; c < scores.Length; c++)
        {
            best = _members[c] > 0 ? Math.Max(best, scores[c]) : best;
        }
        int winner = 0;
        while (_members[winner] == 0 || scores[winner] < best - Tie)
        {
            winner++;
        }
        return winner;
    }
}
