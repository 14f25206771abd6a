using Microsoft.ML.Mrl.Classification;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a classifier that starts at the smallest dimension and uses longer prefixes only while it is unsure (adaptive
/// classification, Kusupati et al. 2022, arXiv:2205.13147, section 4.2.1). At each dimension, the vector is cut and rescaled to unit
/// length, and the classifier of that dimension predicts a class. If its confidence reaches the threshold of the dimension, that class is
/// returned.
/// </summary>
/// <remarks>
/// <para>
/// The classifiers are nearest centroids or linear classifiers, see <see cref="AdaptiveClassifierKind"/>. The centroid of a class at
/// dimension m is the mean of the unit-length prefixes n(x[:m]) of its rows, rescaled to unit length. A linear classifier has the score
/// n(x[:m]) · w + b for each class. Its confidence is the greatest softmax probability of the scores divided by a temperature T, which is
/// chosen for each dimension by cross entropy on rows that were held back (temperature scaling, Guo et al. 2017, arXiv:1706.04599,
/// smoothed as in Platt 1999). The same rows choose the thresholds. <see cref="Calibration"/> is measured on further rows.
/// </para>
/// <para>
/// Linear classifiers are regularized by λ = α · tr(ZᵀZ) / m, where Z are the rows n(x[:m]) minus their mean and α is
/// <see cref="AdaptiveClassifierOptions.L2Regularization"/>. Ridge regression adds λ to the diagonal of ZᵀZ. Logistic regression adds λ/2
/// times the sum of the squared weights, without the biases, to the summed cross entropy.
/// </para>
/// <para>
/// A vector of zeros has cosine 0 with every centroid, so it gets the first class at the largest dimension with confidence 0, unless a
/// threshold is 0. A linear classifier scores it by its biases alone.
/// </para>
/// <para>This type is immutable and safe for concurrent use.</para>
/// </remarks>
public sealed class AdaptiveClassifier
{
    private readonly NestedClassifiers _classifiers;
    private readonly string[] _labels;
    private readonly float[] _thresholds;
    private readonly AdaptiveStages _stages;

    internal AdaptiveClassifier(NestedClassifiers classifiers, string[] labels, float[] thresholds, int width,
        AdaptiveCalibration? calibration)
    {
        _classifiers = classifiers;
        _labels = labels;
        _thresholds = thresholds;
        _stages = new AdaptiveStages(classifiers, labels, thresholds);
        InputDimensions = width;
        Calibration = calibration;
    }

    /// <summary>Gets the width D of the vectors.</summary>
    public int InputDimensions { get; }

    /// <summary>Gets the way of classifying at each dimension, which also says what the confidence is.</summary>
    public AdaptiveClassifierKind Kind => _classifiers.Kind;

    /// <summary>Gets the prefix lengths at which vectors are classified, in ascending order.</summary>
    public MatryoshkaDimensions Dimensions => _classifiers.Dimensions;

    /// <summary>Gets the classes, in the order in which they first appear in the rows.</summary>
    public IReadOnlyList<string> Labels => Array.AsReadOnly(_labels);

    /// <summary>
    /// Gets the confidence that is high enough at each dimension except the largest, at least 0. Infinity means that none is.
    /// </summary>
    public IReadOnlyList<float> Thresholds => Array.AsReadOnly(_thresholds);

    /// <summary>
    /// Gets the result on rows that took no part in fitting, or <see langword="null"/> if the thresholds came from
    /// <see cref="WithThresholds"/>.
    /// </summary>
    public AdaptiveCalibration? Calibration { get; }

    internal NestedClassifiers Classifiers => _classifiers;

    internal AdaptiveStages Stages => _stages;

    /// <summary>Fits a classifier for each dimension on some of the rows, and chooses the thresholds on others.</summary>
    /// <param name="vectors">The vectors, row by row, <c>[N, D]</c>.</param>
    /// <param name="labels">The N classes of the vectors.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/>, or one of them, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is above D.</exception>
    /// <exception cref="ArgumentException">
    /// The options are invalid, the values are not N whole rows, a value is NaN or infinite, there is one class only, all vectors are
    /// equal, or fewer than 20 rows are left for the calibration (10 to choose thresholds and 10 to measure the result).
    /// </exception>
    public static AdaptiveClassifier Fit(ReadOnlySpan<float> vectors, IReadOnlyList<string> labels,
        AdaptiveClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new AdaptiveClassifierOptions();
        options.Check(nameof(options));
        if (labels.Count == 0 || vectors.Length == 0 || vectors.Length % labels.Count != 0)
        {
            throw new ArgumentException($"{vectors.Length} values are not whole vectors for {labels.Count} labels. Give a vector for " +
                "each label, all of one width.", nameof(vectors));
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
            throw new ArgumentOutOfRangeException(nameof(options), dimensions.Largest,
                $"Cannot classify at {dimensions.Largest}: the vectors have {width} values. Choose 1..{width}.");
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
        EmbeddingMatrix rows, IReadOnlyList<string> labels, IEnumerable<string> order, MatryoshkaDimensions dimensions,
            AdaptiveClassifierOptions options)
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
            throw new ArgumentException("All vectors are equal, and nothing tells the classes apart. Check the column and what makes it.",
                nameof(rows));
        }
        return AdaptiveFit.Fit(rows, numbers, [.. classes.OrderBy(pair => pair.Value).Select(pair => pair.Key)], dimensions, options);
    }

    /// <summary>Reads a classifier that <see cref="Save"/> wrote from a stream.</summary>
    /// <param name="stream">The stream to read from. It stays open, at the position just after the classifier.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The content is not a classifier, is damaged, or was written by a newer version.</exception>
    public static AdaptiveClassifier Load(Stream stream) => AdaptiveClassifierFormat.Read(stream);

    /// <summary>Writes the classifier and a checksum to a stream.</summary>
    /// <param name="stream">The stream to write to. It stays open.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    public void Save(Stream stream) => AdaptiveClassifierFormat.Write(this, stream);

    /// <summary>Classifies a vector.</summary>
    /// <param name="vector">The vector, <c>[D]</c>, or a prefix that has at least the largest dimension.</param>
    /// <exception cref="ArgumentException">The vector is shorter than the largest dimension or longer than D, or has a NaN or an
    /// infinity.</exception>
    public AdaptivePrediction Predict(ReadOnlySpan<float> vector)
    {
        if (vector.Length < Dimensions.Largest || vector.Length > InputDimensions)
        {
            throw new ArgumentException($"The vector has {vector.Length} values; the classifier takes " +
                $"{Dimensions.Largest}..{InputDimensions}.", nameof(vector));
        }
        CheckFinite(vector, vector.Length, nameof(vector));
        (int stage, int winner, float confidence) = _stages.Classify(vector, new float[_classifiers.ScoreStride]);
        return new AdaptivePrediction(_labels[winner], Dimensions[stage], confidence);
    }

    /// <summary>
    /// Classifies many vectors, with the same results as one by one. The vectors that are unsure at a dimension are classified at the next
    /// one together.
    /// </summary>
    /// <param name="vectors">The vectors, row by row, <c>[N, D]</c>; there may be none.</param>
    /// <param name="maxDegreeOfParallelism">
    /// The maximum number of threads, or -1, the default, for no limit. The results do not depend on it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDegreeOfParallelism"/> is 0 or below -1.</exception>
    /// <exception cref="ArgumentException">The values are not whole vectors, or one is a NaN or an infinity.</exception>
    public AdaptivePrediction[] PredictMany(ReadOnlyMemory<float> vectors, int maxDegreeOfParallelism = -1)
    {
        int width = InputDimensions;
        if (vectors.Length % width != 0)
        {
            throw new ArgumentException($"{vectors.Length} values are not whole vectors of {width}. Give vectors of the width that the " +
                "classifier was fitted on.", nameof(vectors));
        }
        ThreadLimits.Check(maxDegreeOfParallelism, "use");
        var rows = new EmbeddingMatrix(vectors, vectors.Length / width, width);
        var predictions = new AdaptivePrediction[rows.Count];
        const int Together = AdaptiveStages.MaxRows;
        int notFinite = 0;
        Parallel.For(0, (rows.Count + Together - 1) / Together,
            new ParallelOptions { MaxDegreeOfParallelism = maxDegreeOfParallelism }, part =>
        {
            EmbeddingMatrix own = rows.Slice(part * Together, Math.Min(Together, rows.Count - (part * Together)));
            // Looked through where the rows are used next, so that they come from memory once.
            if (FiniteValues.FirstNotFinite(own.Values.Span) >= 0)
            {
                Volatile.Write(ref notFinite, 1);
            }
            else if (Volatile.Read(ref notFinite) == 0)
            {
                _stages.Classify(own, predictions.AsSpan(part * Together, own.Count));
            }
        });
        if (notFinite != 0)
        {
            CheckFinite(vectors.Span, width, nameof(vectors));
        }
        return predictions;
    }

    /// <summary>
    /// Returns the same classifiers with other thresholds. If all are 0, vectors are classified at the smallest dimension; if all are
    /// infinite, at the largest.
    /// </summary>
    /// <param name="thresholds">The confidence that is high enough at each dimension except the largest, at least 0.</param>
    /// <returns>A classifier without a calibration.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="thresholds"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">
    /// The number of thresholds is not one less than that of the dimensions, or a threshold is negative or NaN.
    /// </exception>
    public AdaptiveClassifier WithThresholds(params IReadOnlyList<float> thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        if (thresholds.Count != Dimensions.Count - 1 || thresholds.Any(t => !(t >= 0)))
        {
            throw new ArgumentException(
                $"Found thresholds {string.Join(", ", thresholds)} for dimensions {Dimensions}. Give {Dimensions.Count - 1}, each 0 " +
                    "or more.", nameof(thresholds));
        }
        return new AdaptiveClassifier(_classifiers, _labels, [.. thresholds], InputDimensions, calibration: null);
    }

    private static void CheckFinite(ReadOnlySpan<float> values, int width, string parameterName)
    {
        if (FiniteValues.FirstNotFinite(values) is >= 0 and var bad)
        {
            throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"Vector {bad / width} has {values[bad]} at {bad % width} (both counted from 0). Repair or leave out such vectors."),
                parameterName);
        }
    }
}
