using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Classifies a vector by the nearest class centroid at the smallest dimension, and looks at longer prefixes only while it is unsure (adaptive classification, Kusupati et al. 2022, arXiv:2205.13147, section 4.2.1). At each
/// dimension a vector is cut and rescaled to unit length; where the cosine with the nearest centroid is above the next one's by the dimension's threshold, that class is the answer.
/// </summary>
/// <remarks>
/// <para>
/// The centroid of a class at m is the mean of the unit-length prefixes n(x[:m]) of its rows. Thresholds are chosen on rows that the centroids do not know, and what they are worth is measured on further ones: <see cref="Calibration"/>.
/// A vector of zeros has cosine 0 with every centroid: it is of the first class, at the largest dimension, with confidence 0, unless a threshold is 0.
/// </para>
/// <para>Immutable and safe for concurrent use.</para>
/// </remarks>
public sealed class AdaptiveClassifier
{
    /// <summary>The fewest rows that choose thresholds, and the fewest that judge them.</summary>
    private const int FewestRows = 10;

    private const double Quantile = 1.959963984540054;

    private readonly NestedCentroids _centroids;
    private readonly string[] _labels;
    private readonly float[] _thresholds;

    internal AdaptiveClassifier(NestedCentroids centroids, string[] labels, float[] thresholds, int width, AdaptiveCalibration? calibration)
    {
        _centroids = centroids;
        _labels = labels;
        _thresholds = thresholds;
        InputDimensions = width;
        Calibration = calibration;
    }

    /// <summary>The width D of the vectors.</summary>
    public int InputDimensions { get; }

    /// <summary>The prefix lengths it classifies at, ascending.</summary>
    public MatryoshkaDimensions Dimensions => _centroids.Dimensions;

    /// <summary>The classes, in the order in which the rows named them.</summary>
    public IReadOnlyList<string> Labels => Array.AsReadOnly(_labels);

    /// <summary>For each dimension but the largest the confidence at which it is sure enough, at least 0; infinity for never.</summary>
    public IReadOnlyList<float> Thresholds => Array.AsReadOnly(_thresholds);

    /// <summary>What it does on rows that had no part in it; <see langword="null"/> where the thresholds were given.</summary>
    public AdaptiveCalibration? Calibration { get; }

    internal NestedCentroids Centroids => _centroids;

    /// <summary>Fits centroids to some of the rows, and chooses thresholds by others.</summary>
    /// <param name="vectors">The vectors, row by row, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes, N of them.</param>
    /// <param name="options">Dimensions, the accuracy that may be lost, the split. Default: those of a new <see cref="AdaptiveClassifierOptions"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/>, or one of them, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is above D.</exception>
    /// <exception cref="ArgumentException">
    /// Options make no sense, the values are not N whole rows, one is a NaN or an infinity, there is one class only, all vectors are equal, or too few rows are left to calibrate by (10 choose and 10 judge).
    /// </exception>
    public static AdaptiveClassifier Fit(ReadOnlySpan<float> vectors, IReadOnlyList<string> labels, AdaptiveClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new AdaptiveClassifierOptions();
        options.Check(nameof(options));
        if (labels.Count == 0 || vectors.Length == 0 || vectors.Length % labels.Count != 0)
        {
            throw new ArgumentException($"{vectors.Length} values are not whole vectors for {labels.Count} labels. Give a vector for each label, all of one width.", nameof(vectors));
        }
        int width = vectors.Length / labels.Count;
        CheckFinite(vectors, width, nameof(vectors));
        foreach (string label in labels)
        {
            ArgumentNullException.ThrowIfNull(label, nameof(labels));
        }
        MatryoshkaDimensions dimensions = options.Dimensions ?? MatryoshkaDimensions.HalvedFrom(width);
        if (dimensions.Largest > width)
        {
            throw new ArgumentOutOfRangeException(nameof(options), dimensions.Largest, $"Cannot classify at {dimensions.Largest}: the vectors have {width} values. Choose 1..{width}.");
        }
        return FitRows(new EmbeddingMatrix(vectors.ToArray(), labels.Count, width), labels, [], dimensions, options);
    }

    /// <summary>Fits to rows that were checked.</summary>
    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="order">The order of the classes; those that are not there come after, as the rows name them.</param>
    /// <param name="dimensions">The dimensions, none above D.</param>
    /// <param name="options">The options.</param>
    internal static AdaptiveClassifier FitRows(
        EmbeddingMatrix rows, IReadOnlyList<string> labels, IEnumerable<string> order, MatryoshkaDimensions dimensions, AdaptiveClassifierOptions options)
    {
        var present = new HashSet<string>(labels, StringComparer.Ordinal);
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string label in order.Where(present.Contains))
        {
            classes.TryAdd(label, classes.Count);
        }
        var numbers = new int[labels.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!classes.TryGetValue(labels[i], out numbers[i]))
            {
                classes.Add(labels[i], numbers[i] = classes.Count);
            }
        }
        if (classes.Count < 2)
        {
            throw new ArgumentException($"All rows are of class '{labels[0]}'. Give rows of at least 2 classes.", nameof(labels));
        }
        if (DistinctRows.Of(rows).Rows.Count < 2)
        {
            throw new ArgumentException("All vectors are equal, and nothing tells the classes apart. Check the column and what makes it.", nameof(rows));
        }
        return Fit(rows, numbers, [.. classes.OrderBy(pair => pair.Value).Select(pair => pair.Key)], dimensions, options);
    }

    /// <summary>Reads a classifier that <see cref="Save"/> wrote.</summary>
    /// <param name="stream">Where to read; left open, just after the classifier.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The bytes are not a classifier, are damaged, or are from a newer version.</exception>
    public static AdaptiveClassifier Load(Stream stream) => AdaptiveClassifierFormat.Read(stream);

    /// <summary>Writes the classifier to a stream, with a checksum.</summary>
    /// <param name="stream">Where to write; left open.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    public void Save(Stream stream) => AdaptiveClassifierFormat.Write(this, stream);

    /// <summary>Classifies a vector.</summary>
    /// <param name="vector">The vector, <c>[D]</c>, or its first values up to the largest dimension at least.</param>
    /// <exception cref="ArgumentException">The vector is shorter than the largest dimension or longer than D, or has a NaN or an infinity.</exception>
    public AdaptivePrediction Predict(ReadOnlySpan<float> vector)
    {
        if (vector.Length < Dimensions.Largest || vector.Length > InputDimensions)
        {
            throw new ArgumentException($"The vector has {vector.Length} values; the classifier takes {Dimensions.Largest}..{InputDimensions}.", nameof(vector));
        }
        CheckFinite(vector, vector.Length, nameof(vector));
        (int stage, int winner, float margin) = Classify(vector, []);
        return new AdaptivePrediction(_labels[winner], Dimensions[stage], margin);
    }

    /// <summary>The same centroids with thresholds of one's own: all 0 to classify at the smallest dimension alone, all infinite at the largest.</summary>
    /// <param name="thresholds">For each dimension but the largest the confidence at which it is sure enough, at least 0.</param>
    /// <returns>A classifier without a calibration.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="thresholds"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There are not as many thresholds as dimensions less one, or one is negative or NaN.</exception>
    public AdaptiveClassifier WithThresholds(params IReadOnlyList<float> thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        if (thresholds.Count != Dimensions.Count - 1 || thresholds.Any(t => !(t >= 0)))
        {
            throw new ArgumentException(
                $"Found thresholds {string.Join(", ", thresholds)} for dimensions {Dimensions}. Give {Dimensions.Count - 1}, each 0 or more.", nameof(thresholds));
        }
        return new AdaptiveClassifier(_centroids, _labels, [.. thresholds], InputDimensions, calibration: null);
    }

    private static AdaptiveClassifier Fit(EmbeddingMatrix rows, int[] labels, string[] classes, MatryoshkaDimensions dimensions, AdaptiveClassifierOptions options)
    {
        (int[] fit, int[] choose, int[] judge) = Split(labels, classes.Length, options);
        if (choose.Length < FewestRows || judge.Length < FewestRows)
        {
            throw new ArgumentException(
                $"{choose.Length} rows are left to choose thresholds by and {judge.Length} to judge them; {FewestRows} of each are needed. Give more rows, or a greater {nameof(AdaptiveClassifierOptions.CalibrationShare)}.",
                nameof(rows));
        }
        NestedCentroids centroids = NestedCentroids.Fit(rows.Pick(fit), [.. fit.Select(row => labels[row])], classes.Length, dimensions);
        (float[][] margins, bool[][] right) = Score(centroids, rows, labels, choose);
        float[] thresholds = ThresholdChoice.Choose(dimensions, margins, right, options.AccuracyLoss);
        return new AdaptiveClassifier(centroids, classes, thresholds, rows.Width, Judge(centroids, thresholds, rows, labels, judge));
    }

    // Of each class a share for calibration, rounded down, so that every class keeps a row to fit to; these go in turn to those that choose and those that judge.
    private static (int[] Fit, int[] Choose, int[] Judge) Split(int[] labels, int classes, AdaptiveClassifierOptions options)
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

    private static (float[][] Margins, bool[][] Right) Score(NestedCentroids centroids, EmbeddingMatrix rows, int[] labels, int[] chosen)
    {
        float[][] margins = [.. centroids.Dimensions.Select(_ => new float[chosen.Length])];
        bool[][] right = [.. centroids.Dimensions.Select(_ => new bool[chosen.Length])];
        Parallel.For(0, chosen.Length, i =>
        {
            for (int d = 0; d < margins.Length; d++)
            {
                (int winner, margins[d][i]) = centroids.Nearest(d, rows.Row(chosen[i]));
                right[d][i] = winner == labels[chosen[i]];
            }
        });
        return (margins, right);
    }

    private static AdaptiveCalibration Judge(NestedCentroids centroids, float[] thresholds, EmbeddingMatrix rows, int[] labels, int[] judge)
    {
        (float[][] margins, bool[][] right) = Score(centroids, rows, labels, judge);
        MatryoshkaDimensions dimensions = centroids.Dimensions;
        double[] used = new double[judge.Length], lost = new double[judge.Length], shares = new double[dimensions.Count];
        int correct = 0;
        for (int row = 0; row < judge.Length; row++)
        {
            int i = 0;
            while (i < thresholds.Length && margins[i][row] < thresholds[i])
            {
                i++;
            }
            used[row] = dimensions[i];
            shares[i] += 1.0 / judge.Length;
            correct += right[i][row] ? 1 : 0;
            lost[row] = (right[^1][row] ? 1 : 0) - (right[i][row] ? 1 : 0);
        }
        (double low, double high) = Interval(used);
        return new AdaptiveCalibration
        {
            Rows = judge.Length,
            Accuracy = (double)correct / judge.Length,
            FullAccuracy = (double)right[^1].Count(r => r) / judge.Length,
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

    /// <summary>Classifies a vector of finite values.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="cosines">Room for the C cosines at the dimension used, or empty.</param>
    internal (int Stage, int Class, float Margin) Classify(ReadOnlySpan<float> vector, Span<float> cosines)
    {
        for (int i = 0; ; i++)
        {
            (int winner, float margin) = _centroids.Nearest(i, vector, cosines);
            if (i == _thresholds.Length || margin >= _thresholds[i])
            {
                return (i, winner, margin);
            }
        }
    }

    private static void CheckFinite(ReadOnlySpan<float> values, int width, string parameterName)
    {
        if (float.IsFinite(TensorPrimitives.MaxMagnitude(values)))
        {
            return;
        }
        int bad = 0;
        while (float.IsFinite(values[bad]))
        {
            bad++;
        }
        throw new ArgumentException(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Vector {bad / width} has {values[bad]} at {bad % width} (both counted from 0). Repair or leave out such vectors."), parameterName);
    }
}
