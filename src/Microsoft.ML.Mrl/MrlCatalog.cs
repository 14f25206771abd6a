using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML;

/// <summary>Matryoshka embeddings in ML.NET's catalogs.</summary>
public static class MrlCatalog
{
    /// <summary>What Matryoshka embeddings need that is not a transform: evaluation at every dimension, hard negatives, and heads that go to other systems or come from them.</summary>
    /// <param name="mlContext">The context.</param>
    /// <exception cref="ArgumentNullException"><paramref name="mlContext"/> is <see langword="null"/>.</exception>
    public static MrlOperations Mrl(this MLContext mlContext) => new(mlContext);

    /// <summary>Cuts an embedding column to its first values and rescales the prefix, so that it can be compared by dot product or cosine.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make.</param>
    /// <param name="inputColumnName">The embedding column, a known-size vector of Single; <see langword="null"/> for the same name.</param>
    /// <param name="dimensions">The prefix length m to keep, 1..D. Any length works; the ones that were trained work best.</param>
    /// <param name="normalization">What happens after the cut. Default: unit length.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1 or <paramref name="normalization"/> is unknown.</exception>
    public static TruncateEmbeddingEstimator TruncateEmbedding(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, int dimensions,
        EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength) =>
        new(CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], dimensions, normalization);

    /// <summary>Cuts several embedding columns to their first values and rescales the prefixes.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The output and input columns.</param>
    /// <param name="dimensions">The prefix length m to keep, 1..D.</param>
    /// <param name="normalization">What happens after the cut. Default: unit length.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1 or <paramref name="normalization"/> is unknown.</exception>
    public static TruncateEmbeddingEstimator TruncateEmbedding(this TransformsCatalog catalog, InputOutputColumnPair[] columns, int dimensions,
        EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength) =>
        new(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), dimensions, normalization);

    /// <summary>Stores an embedding column in fewer bytes: as half-precision values, signed bytes or bits; cuts it first, where dimensions are given.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make: a vector of UInt16 (the bits of half-precision values), SByte or Byte (eight bits each).</param>
    /// <param name="inputColumnName">The embedding column, a known-size vector of Single; <see langword="null"/> for the same name.</param>
    /// <param name="type">What to store: <see cref="EmbeddingType.Half"/>, <see cref="EmbeddingType.Int8"/> or <see cref="EmbeddingType.Binary"/>.</param>
    /// <param name="dimensions">
    /// The prefix length m to keep, 1..D: cut, then unit length, then quantize. Default <see langword="null"/>: all values as they come, so that a step of TruncateEmbedding before this one decides.
    /// </param>
    /// <param name="ranges">The ranges of signed bytes, of m dimensions. Default <see langword="null"/>: found by fitting.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is single precision or unknown, or <paramref name="dimensions"/> is below 1.</exception>
    /// <exception cref="ArgumentException">There are ranges for another type, or of another number of dimensions.</exception>
    public static QuantizeEmbeddingEstimator QuantizeEmbedding(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, EmbeddingType type,
        int? dimensions = null, Int8Ranges? ranges = null) =>
        new(CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], type, dimensions, ranges);

    /// <summary>Stores several embedding columns (query and document, say) in fewer bytes. Signed bytes of all columns share their ranges, so that codes can be compared.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The output and input columns.</param>
    /// <param name="type">What to store: <see cref="EmbeddingType.Half"/>, <see cref="EmbeddingType.Int8"/> or <see cref="EmbeddingType.Binary"/>.</param>
    /// <param name="dimensions">The prefix length m to keep, 1..D. Default <see langword="null"/>: all values as they come.</param>
    /// <param name="ranges">The ranges of signed bytes, of m dimensions. Default <see langword="null"/>: found by fitting.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is single precision or unknown, or <paramref name="dimensions"/> is below 1.</exception>
    /// <exception cref="ArgumentException">There are no columns, or there are ranges for another type, or of another number of dimensions.</exception>
    public static QuantizeEmbeddingEstimator QuantizeEmbedding(this TransformsCatalog catalog, InputOutputColumnPair[] columns, EmbeddingType type,
        int? dimensions = null, Int8Ranges? ranges = null) =>
        new(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), type, dimensions, ranges);

    /// <summary>Turns a quantized embedding column back into single precision, for steps that read nothing else.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make, <c>[m]</c>.</param>
    /// <param name="inputColumnName">A column that QuantizeEmbedding made; <see langword="null"/> for the same name.</param>
    public static DequantizeEmbeddingEstimator DequantizeEmbedding(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null) =>
        new(CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)]);

    /// <summary>Applies a trained head to an embedding column, without training.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make, <c>[D_out]</c>, not rescaled.</param>
    /// <param name="inputColumnName">The embedding column <c>[D_in]</c>; <see langword="null"/> for the same name.</param>
    /// <param name="head">The trained head, as <see cref="MrlTransformer.Head"/> or <see cref="EmbeddingHead.Load"/> give it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="head"/> is <see langword="null"/>.</exception>
    public static ApplyEmbeddingHeadEstimator ApplyEmbeddingHead(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, EmbeddingHead head) =>
        new(CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], head);

    /// <summary>Applies a trained head to several embedding columns (query and document, say), without training.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The output and input columns.</param>
    /// <param name="head">The trained head.</param>
    /// <exception cref="ArgumentNullException"><paramref name="columns"/> or <paramref name="head"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There are no columns.</exception>
    public static ApplyEmbeddingHeadEstimator ApplyEmbeddingHead(this TransformsCatalog catalog, InputOutputColumnPair[] columns, EmbeddingHead head) =>
        new(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), head);

    /// <summary>Rotates an embedding column to its principal components: the prefix to beat, and a fair choice where there is nothing to learn from.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make, <c>[dimensions]</c>.</param>
    /// <param name="inputColumnName">The embedding column <c>[D]</c>; <see langword="null"/> for the same name.</param>
    /// <param name="dimensions">The number of components to keep, 1..D.</param>
    /// <exception cref="ArgumentNullException"><paramref name="outputColumnName"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1.</exception>
    public static PcaRotateEstimator PcaRotate(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, int dimensions) =>
        new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, dimensions);

    /// <summary>Rotates an embedding column to the directions that tell the classes of its rows apart, the best first: supervised reduction in closed form.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make, <c>[dimensions]</c>; cut it with TruncateEmbedding.</param>
    /// <param name="inputColumnName">The embedding column <c>[D]</c>, of at most 4,096 values; <see langword="null"/> for the same name.</param>
    /// <param name="labelColumnName">The label: key, text, integer or Boolean. Rows without one are left out in fitting.</param>
    /// <param name="dimensions">The number of directions to keep, 1..D. Beyond the number of classes less one they are those of most variance within the classes.</param>
    /// <param name="shrinkage">How much the covariance within classes is drawn towards a sphere, above 0 and at most 1. Default 0.5; more for fewer rows.</param>
    /// <exception cref="ArgumentNullException"><paramref name="outputColumnName"/> or <paramref name="labelColumnName"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1, or <paramref name="shrinkage"/> is not above 0 and at most 1.</exception>
    public static DiscriminantRotateEstimator DiscriminantRotate(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, string labelColumnName, int dimensions, double shrinkage = 0.5) =>
        new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, labelColumnName, dimensions, shrinkage);

    /// <summary>Creates a trainer that classifies by nearest class centroids, or by linear classifiers, at the smallest dimension, and looks at longer prefixes only while it is unsure.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: key, text, integer or Boolean. Rows without one are left out in fitting. Default <c>Label</c>.</param>
    /// <param name="featureColumnName">The embedding column, a known-size vector of Single. Default <c>Features</c>.</param>
    /// <param name="options">The kind, dimensions, the accuracy that may be lost, the split. Default: those of a new <see cref="AdaptiveClassifierOptions"/>.</param>
    /// <exception cref="ArgumentNullException">A column's name is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options do not make sense; the message lists every one.</exception>
    public static AdaptiveMulticlassTrainer AdaptiveClassify(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, string labelColumnName = DefaultColumnNames.Label, string featureColumnName = DefaultColumnNames.Features,
        AdaptiveClassifierOptions? options = null) =>
        new(CatalogUtils.GetEnvironment(catalog), labelColumnName, featureColumnName, options ?? new AdaptiveClassifierOptions());
}
