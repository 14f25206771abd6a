using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// Fits the classifiers of an <see cref="AdaptiveClassifier"/> to some rows, chooses temperatures and thresholds on others, and measures
/// the result on the rest.
/// </summary>
internal static class AdaptiveFit
{
    /// <summary>The minimum number of rows to choose thresholds on, and to measure them on.</summary>
    private const int MinRows = 10;

    private const double Quantile = 1.959963984540054;

    /// <param name="rows">The rows, <c>[N, D]</c>, finite and not all equal.</param>
    /// <param name="labels">Their classes, 0 to C - 1.</param>
    /// <param name="classes">The names of the C classes, at least 2.</param>
    /// <param name="dimensions">The dimensions, none above D.</param>
    /// <param name="options">The options, checked.</param>
    /// <exception cref="ArgumentException">Too few rows are left for the calibration.</exception>
    public static AdaptiveClassifier Fit(EmbeddingMatrix rows, int[] labels, string[] classes, MatryoshkaDimensions dimensions,
        AdaptiveClassifierOptions options)
    {
        (int[] fit, int[] choose, int[] judge) = Split(labels, options);
        if (choose.Length < MinRows || judge.Length < MinRows)
        {
            throw new ArgumentException(
                $"{choose.Length} rows are left to choose thresholds by and {judge.Length} to judge them; {MinRows} of each are " +
                    $"needed. Give more rows, or a greater {nameof(AdaptiveClassifierOptions.CalibrationShare)}.",
                nameof(rows));
        }
        NestedClassifiers classifiers = ClassifierFit.Fit(options.Kind, rows.Pick(fit), [.. fit.Select(row => labels[row])],
            classes.Length, dimensions, options.EffectiveL2Regularization);
        EmbeddingMatrix choosing = rows.Pick(choose);
        int[] chosen = [.. choose.Select(row => labels[row])];
        if (options.Kind != AdaptiveClassifierKind.NearestCentroid)
        {
            var temperatures = new double[dimensions.Count];
            Parallel.For(0, temperatures.Length, i =>
                temperatures[i] = SoftmaxTemperature.Calibrate(ScoresAt(classifiers, i, choosing), classifiers.ScoreStride,
                classifiers.Classes, chosen));
            classifiers = classifiers.Tempered(temperatures);
        }
        (float[][] confidences, bool[][] right) = Decisions(classifiers, choosing, chosen);
        float[] thresholds = ThresholdChoice.Choose(dimensions, confidences, right, options.AccuracyLoss);
        (confidences, right) = Decisions(classifiers, rows.Pick(judge), [.. judge.Select(row => labels[row])]);
        return new AdaptiveClassifier(classifiers, classes, thresholds, rows.Width, Judge(dimensions, thresholds, confidences, right));
    }

    /// <summary>Returns the confidence of every row at every dimension, and whether it is right, <c>[M][N]</c>.</summary>
    internal static (float[][] Confidences, bool[][] Right) Decisions(NestedClassifiers classifiers, EmbeddingMatrix rows, int[] labels)
    {
        float[][] confidences = [.. classifiers.Dimensions.Select(_ => new float[rows.Count])];
        bool[][] right = [.. classifiers.Dimensions.Select(_ => new bool[rows.Count])];
        Parallel.For(0, confidences.Length, d =>
        {
            float[] scores = ScoresAt(classifiers, d, rows);
            for (int i = 0; i < rows.Count; i++)
            {
                (int winner, confidences[d][i]) = classifiers.Decide(scores.AsSpan(i * classifiers.ScoreStride, classifiers.ScoreStride));
                right[d][i] = winner == labels[i];
            }
        });
        return (confidences, right);
    }

    /// <summary>Returns the scores of the rows at a dimension, each as long as <see cref="NestedClassifiers.ScoreStride"/> says.</summary>
    internal static unsafe float[] ScoresAt(NestedClassifiers classifiers, int dimension, EmbeddingMatrix rows)
    {
        const int Together = NestedClassifiers.RowsAtOnce;
        int stride = classifiers.ScoreStride;
        var scores = new float[(rows.Count + Together - 1) / Together * Together * stride];
        float** pointers = stackalloc float*[Together];
        fixed (float* values = rows.Values.Span, target = scores)
        {
            for (int first = 0; first < rows.Count; first += Together)
            {
                int count = Math.Min(Together, rows.Count - first);
                for (int i = 0; i < count; i++)
                {
                    pointers[i] = values + ((nint)(first + i) * rows.Width);
                }
                classifiers.Score(dimension, pointers, count, target + ((nint)first * stride));
            }
        }
        return scores;
    }

    // Of each class a share for calibration, rounded down, so that every class keeps a row to fit to; these go in turn to those that choose
    // and those that judge.
    private static (int[] Fit, int[] Choose, int[] Judge) Split(int[] labels, AdaptiveClassifierOptions options)
    {
        var random = new Random(options.Seed);
        List<int> fit = [], choose = [], judge = [];
        foreach (IGrouping<int, int> group in Enumerable.Range(0, labels.Length).GroupBy(row => labels[row]).OrderBy(group => group.Key))
        {
            int[] members = [.. group];
            random.Shuffle(members);
            int apart = (int)(options.CalibrationShare * members.Length);
            foreach (int row in members.AsSpan(0, apart))
            {
                (choose.Count <= judge.Count ? choose : judge).Add(row);
            }
            fit.AddRange(members.AsSpan(apart));
        }
        fit.Sort();
        choose.Sort();
        judge.Sort();
        return ([.. fit], [.. choose], [.. judge]);
    }

    private static AdaptiveCalibration Judge(MatryoshkaDimensions dimensions, float[] thresholds, float[][] confidences, bool[][] right)
    {
        int rows = right[^1].Length;
        double[] used = new double[rows], lost = new double[rows], shares = new double[dimensions.Count];
        int correct = 0;
        for (int row = 0; row < rows; row++)
        {
            int i = 0;
            while (i < thresholds.Length && confidences[i][row] < thresholds[i])
            {
                i++;
            }
            used[row] = dimensions[i];
            shares[i] += 1.0 / rows;
            correct += right[i][row] ? 1 : 0;
            lost[row] = (right[^1][row] ? 1 : 0) - (right[i][row] ? 1 : 0);
        }
        (double low, double high) = Interval(used);
        return new AdaptiveCalibration
        {
            Rows = rows,
            Accuracy = (double)correct / rows,
            FullAccuracy = (double)right[^1].Count(r => r) / rows,
            Loss = Interval(lost),
            ExpectedDimensions = used.Average(),
            ExpectedDimensionsInterval = (Math.Max(low, dimensions.Smallest), Math.Min(high, dimensions.Largest)),
            Shares = Array.AsReadOnly(shares),
        };
    }

    private static (double Low, double High) Interval(double[] values)
    {
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        double half = Quantile * deviation / Math.Sqrt(values.Length);
        return (mean - half, mean + half);
    }
}
