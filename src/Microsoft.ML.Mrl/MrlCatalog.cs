using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Classification;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Provides extension methods that add Matryoshka embeddings to the catalogs of ML.NET.</summary>
public static class MrlCatalog
{
    /// <summary>
    /// Returns the operations on Matryoshka embeddings that are not transforms: evaluation at every dimension, advice on how far to cut,
    /// and the export and import of heads.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <exception cref="ArgumentNullException"><paramref name="mlContext"/> is <see langword="null"/>.</exception>
    public static MrlOperations Mrl(this MLContext mlContext) => new(mlContext);

    /// <summary>
    /// Creates an estimator that cuts an embedding column to its first values and rescales the prefix to unit length, so that it can be
    /// compared by dot product or cosine. The estimator reads no rows. The step can be exported to ONNX.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, a vector of m values of <see cref="float"/>.</param>
    /// <param name="inputColumnName">
    /// The name of the embedding column, a vector of a known size D of <see cref="float"/>. The default, <see langword="null"/>, is the
    /// name of the output column.
    /// </param>
    /// <param name="dimensions">The prefix length m to keep, 1..D. Any length works. The ones that were trained work best.</param>
    /// <param name="normalization">What happens after the cut. The default is unit length.</param>
    /// <remarks><see cref="TruncateEmbeddingTransformer"/> says what happens to zeros, NaN and infinities.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is below 1, or <paramref name="normalization"/> is unknown.
    /// </exception>
    public static IEstimator<TruncateEmbeddingTransformer> TruncateEmbedding(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, int dimensions,
        EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength)
        => new TruncateEmbeddingEstimator(
            CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], dimensions, normalization);

    /// <summary>
    /// Creates an estimator that cuts several embedding columns to their first values and rescales the prefixes to unit length.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The names of the output and input columns.</param>
    /// <param name="dimensions">The prefix length m to keep, 1..D.</param>
    /// <param name="normalization">What happens after the cut. The default is unit length.</param>
    /// <exception cref="ArgumentNullException"><paramref name="columns"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There are no columns.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is below 1, or <paramref name="normalization"/> is unknown.
    /// </exception>
    public static IEstimator<TruncateEmbeddingTransformer> TruncateEmbedding(
        this TransformsCatalog catalog, InputOutputColumnPair[] columns, int dimensions,
        EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength)
        => new TruncateEmbeddingEstimator(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), dimensions, normalization);

    /// <summary>
    /// Creates an estimator that stores an embedding column in fewer bytes, as half-precision values, signed bytes or bits. If
    /// <paramref name="dimensions"/> are given, the column is cut first.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">
    /// The name of the output column: a vector of <see cref="ushort"/> (the bits of half-precision values), of <see cref="sbyte"/>, or of
    /// <see cref="byte"/> (eight bits each).
    /// </param>
    /// <param name="inputColumnName">
    /// The name of the embedding column, a vector of a known size D of <see cref="float"/>. The default, <see langword="null"/>, is the
    /// name of the output column.
    /// </param>
    /// <param name="type">
    /// The type to store: <see cref="EmbeddingType.Half"/>, <see cref="EmbeddingType.Int8"/> or <see cref="EmbeddingType.Binary"/>.
    /// </param>
    /// <param name="dimensions">
    /// The prefix length m to keep, 1..D. Vectors are cut, rescaled to unit length and then quantized. The default,
    /// <see langword="null"/>, quantizes all values unchanged, so that an earlier TruncateEmbedding step decides.
    /// </param>
    /// <param name="ranges">
    /// The ranges of signed bytes, of m dimensions. The default, <see langword="null"/>, finds them by fitting: the smallest and the
    /// largest value of each dimension. Fit on a few thousand rows like those to come, since later values outside the ranges are stored as
    /// their ends.
    /// </param>
    /// <remarks>
    /// <see cref="QuantizeEmbeddingTransformer"/> says what happens to zeros, NaN and infinities. The step can be exported to ONNX, where
    /// values that are not finite are not refused: the result for such rows is undefined.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="type"/> is single precision or unknown, or <paramref name="dimensions"/> is below 1.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="ranges"/> are given for another type, or have another number of dimensions.
    /// </exception>
    public static IEstimator<QuantizeEmbeddingTransformer> QuantizeEmbedding(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, EmbeddingType type, int? dimensions = null,
        Int8Ranges? ranges = null)
        => new QuantizeEmbeddingEstimator(
            CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], type, dimensions, ranges);

    /// <summary>
    /// Creates an estimator that stores several embedding columns, such as query and document, in fewer bytes. The signed bytes of all
    /// columns share their ranges, so that their codes can be compared.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The names of the output and input columns.</param>
    /// <param name="type">
    /// The type to store: <see cref="EmbeddingType.Half"/>, <see cref="EmbeddingType.Int8"/> or <see cref="EmbeddingType.Binary"/>.
    /// </param>
    /// <param name="dimensions">
    /// The prefix length m to keep, 1..D. The default, <see langword="null"/>, quantizes all values unchanged.
    /// </param>
    /// <param name="ranges">
    /// The ranges of signed bytes, of m dimensions. The default, <see langword="null"/>, finds them by fitting.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="columns"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="type"/> is single precision or unknown, or <paramref name="dimensions"/> is below 1.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// There are no columns, or <paramref name="ranges"/> are given for another type or have another number of dimensions.
    /// </exception>
    public static IEstimator<QuantizeEmbeddingTransformer> QuantizeEmbedding(
        this TransformsCatalog catalog, InputOutputColumnPair[] columns, EmbeddingType type, int? dimensions = null,
        Int8Ranges? ranges = null)
        => new QuantizeEmbeddingEstimator(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), type, dimensions, ranges);

    /// <summary>
    /// Creates an estimator that turns a quantized embedding column back into single precision, for steps that read nothing else.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, a vector of m values of <see cref="float"/>.</param>
    /// <param name="inputColumnName">
    /// The name of a column that QuantizeEmbedding made. The default, <see langword="null"/>, is the name of the output column.
    /// </param>
    /// <remarks>
    /// <para>
    /// Signed bytes become the values that they stand for (<see cref="Int8Ranges"/>), which are not rescaled to unit length. Half-precision
    /// values stay the same. A bit becomes ±1/√m, so that the vector has unit length.
    /// </para>
    /// <para>
    /// The type, the width and the ranges are read from the annotations of the input column, which ML.NET also keeps in its binary files.
    /// The step can be exported to ONNX.
    /// </para>
    /// </remarks>
    public static IEstimator<ITransformer> DequantizeEmbedding(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null)
        => new DequantizeEmbeddingEstimator(
            CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)]);

    /// <summary>
    /// Creates an estimator that applies a trained head to an embedding column, without training. The estimator reads no rows. The step can
    /// be exported to ONNX.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, <c>[D_out]</c>, which is not rescaled.</param>
    /// <param name="inputColumnName">
    /// The name of the embedding column, <c>[D_in]</c>, dense or sparse. The default, <see langword="null"/>, is the name of the output
    /// column.
    /// </param>
    /// <param name="head">The trained head, from <see cref="MrlTransformer.Head"/> or <see cref="EmbeddingHead.Load"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="head"/> is <see langword="null"/>.</exception>
    public static IEstimator<MrlTransformer> ApplyEmbeddingHead(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, EmbeddingHead head)
        => new ApplyEmbeddingHeadEstimator(
            CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], head);

    /// <summary>
    /// Creates an estimator that applies a trained head to several embedding columns, such as query and document, without training.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The names of the output and input columns.</param>
    /// <param name="head">The trained head.</param>
    /// <exception cref="ArgumentNullException"><paramref name="columns"/> or <paramref name="head"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There are no columns.</exception>
    public static IEstimator<MrlTransformer> ApplyEmbeddingHead(
        this TransformsCatalog catalog, InputOutputColumnPair[] columns, EmbeddingHead head)
        => new ApplyEmbeddingHeadEstimator(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), head);

    /// <summary>
    /// Creates an estimator that rotates an embedding column to its principal components, so that a prefix keeps as much variance as any
    /// linear map to that width can. A learned head has to beat this baseline. It is also a good choice if there are no labels or pairs to
    /// learn from.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, <c>[dimensions]</c>.</param>
    /// <param name="inputColumnName">
    /// The name of the embedding column, <c>[D]</c>, dense or sparse. The default, <see langword="null"/>, is the name of the output
    /// column.
    /// </param>
    /// <param name="dimensions">The number of components to keep, 1..D.</param>
    /// <remarks>
    /// <para>
    /// Columns of up to 1,024 values are decomposed exactly, in one pass over the rows. Wider ones take a randomised decomposition that
    /// reads the rows four times. Rows are not held in memory: call <c>AppendCacheCheckpoint</c> before this step if they are slow to
    /// compute. The step can be exported to ONNX.
    /// </para>
    /// <para>
    /// Fitting throws <see cref="InvalidOperationException"/> if there are fewer than two rows, or if a value is not finite or above 1e15
    /// in size. The message names the row.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="outputColumnName"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1.</exception>
    public static IEstimator<RotationTransformer> PcaRotate(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, int dimensions)
        => new PcaRotateEstimator(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, dimensions);

    /// <summary>
    /// Creates an estimator that rotates an embedding column to the directions that separate the classes of its rows, the best direction
    /// first. This is supervised dimension reduction in closed form.
    /// </summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, <c>[dimensions]</c>. Cut it with TruncateEmbedding.</param>
    /// <param name="inputColumnName">
    /// The name of the embedding column, <c>[D]</c> with at most 4,096 values, dense or sparse. The default, <see langword="null"/>, is the
    /// name of the output column.
    /// </param>
    /// <param name="labelColumnName">
    /// The name of the label column: key, text, integer or Boolean. Rows without a label are not used in fitting.
    /// </param>
    /// <param name="dimensions">
    /// The number of directions to keep, 1..D. At most C − 1 directions separate C classes. Further ones are the directions of most
    /// variance within the classes, so that the full width stays useful.
    /// </param>
    /// <param name="shrinkage">
    /// The share s, above 0 and at most 1, by which the covariance within classes is shrunken towards a sphere. The default is 0.5. Fewer
    /// rows need more.
    /// </param>
    /// <remarks>
    /// <para>
    /// With B the covariance of the class means and S the mean covariance within the classes, shrunken as
    /// (1 − s) S + s · tr(S) / D · I (Friedman 1989), the directions w solve B w = λ S w in falling order of λ, with wᵀ S w = 1
    /// (Fisher 1936). The rows are read once. The step can be exported to ONNX.
    /// </para>
    /// <para>
    /// Fitting throws <see cref="InvalidOperationException"/> if there are fewer than two classes, if all vectors are equal, or if a value
    /// is not finite or above 1e15 in size. The message names the row.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="outputColumnName"/> or <paramref name="labelColumnName"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is below 1, or <paramref name="shrinkage"/> is not above 0 and at most 1.
    /// </exception>
    public static IEstimator<RotationTransformer> DiscriminantRotate(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, string labelColumnName, int dimensions,
        double shrinkage = 0.5)
        => new DiscriminantRotateEstimator(
            CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, labelColumnName, dimensions, shrinkage);

    /// <summary>
    /// Creates a trainer that classifies at the smallest dimension, by nearest class centroids or by linear classifiers, and uses longer
    /// prefixes only while it is unsure.
    /// </summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">
    /// The name of the label column: key, text, integer or Boolean. Rows without a label are not used in fitting. The default is
    /// <c>Label</c>.
    /// </param>
    /// <param name="featureColumnName">
    /// The name of the embedding column, a vector of a known size of <see cref="float"/>. The default is <c>Features</c>.
    /// </param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <remarks>
    /// The trainer fits classifiers on some of the rows, chooses the thresholds on others, and measures the result on the rest.
    /// <see cref="AdaptivePredictionTransformer"/> describes the output columns. Fitting throws <see cref="ArgumentException"/> if there is
    /// one class only, all vectors are equal, or too few rows are left to calibrate with, and <see cref="InvalidOperationException"/> if no
    /// row has a label or a vector has a NaN or an infinity. The step can be exported to ONNX. The graph gives the same columns, but
    /// computes every dimension for every row, so it saves no time.
    /// </remarks>
    /// <exception cref="ArgumentNullException">A column name is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The options are invalid. The message lists every problem.</exception>
    public static ITrainerEstimator<AdaptivePredictionTransformer, AdaptiveClassifier> AdaptiveClassify(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = DefaultColumnNames.Features,
        AdaptiveClassifierOptions? options = null)
        => new AdaptiveMulticlassTrainer(
            CatalogUtils.GetEnvironment(catalog), labelColumnName, featureColumnName, options ?? new AdaptiveClassifierOptions());
}
